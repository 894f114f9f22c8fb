// No delete from ignorance: a plan that would delete most of our services at once, without saying
// that this is meant, has its deletions held back (by the rule of core/mass_deletion.h). Additions
// and changes go through.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "core/plan.h"

namespace lvs {

// Who asked for services that the plan held once.
using ServiceOwners = std::map<ServiceKey, ObjectKey>;

// The services in `ours` that the plan does not hold and that must stay for now: those of `held`
// until they are confirmed, and all of them when they are more than half of ours. Confirmed is what
// vanished of a VirtualService that the plan still names, be it by another service or as withdrawn,
// and everything under accept_mass_deletion.
[[nodiscard]] std::set<ServiceKey> deletions_to_hold(const std::vector<ServiceKey>& ours,
                                                     const NodePlan& plan,
                                                     const ServiceOwners& owners,
                                                     const std::set<ServiceKey>& held);

}  // namespace lvs
