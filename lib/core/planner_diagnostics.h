// What the planner's state says about an object; computed when asked. Internal to the planner.
#pragma once

#include "core/planner_state.h"

namespace lvs::planning {

[[nodiscard]] Diagnostics diagnose(const State& state, const ServiceRecord& record);
[[nodiscard]] Diagnostics diagnose(const State& state, const ServerRecord& record);
[[nodiscard]] Diagnostics diagnose(const State& state, const NodeRecord& record);

}  // namespace lvs::planning
