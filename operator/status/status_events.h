// What happened between two statuses of an object. Pure.
#pragma once

#include <vector>

#include "api/status.h"
#include "core/report.h"
#include "operator/status/object_event.h"

namespace lvs {

// VIPs that moved, and the condition FailoverReady where it has changed.
[[nodiscard]] std::vector<ObjectEvent> events_between(const VirtualService& object,
                                                      const VirtualServiceStatus& before,
                                                      const VirtualServiceStatus& after,
                                                      WallTime now);

// Of a director: it begins to hand over, is empty, or takes part again.
[[nodiscard]] std::vector<ObjectEvent> events_between(const Node& object, const NodeStatus& before,
                                                      const NodeStatus& after, WallTime now);

}  // namespace lvs
