// Plans, patches and reports for the tests: written by hand, and random ones.
#pragma once

#include <random>

#include "core/plan.h"
#include "wire/codec.h"

namespace lvs::wire_samples {

IpAddress ip(const char* text);
NodePlan small_plan();
NodePlan random_plan(std::mt19937& random);
PlanPatch random_patch(std::mt19937& random);
NodeStatus full_status();
NodeState full_state();

}  // namespace lvs::wire_samples
