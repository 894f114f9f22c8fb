// What happened between two statuses of an object. Pure.
#pragma once

#include <vector>

#include "api/status.h"
#include "core/report.h"
#include "operator/status/object_event.h"

namespace lvs {

// VIPs that moved, and the conditions FailoverReady and Healthy where they have changed.
[[nodiscard]] std::vector<ObjectEvent> events_between(const VirtualService& object,
                                                      const VirtualServiceStatus& before,
                                                      const VirtualServiceStatus& after,
                                                      WallTime now);

// A server that has come to fail its checks, or to pass them again.
[[nodiscard]] std::vector<ObjectEvent> events_between(const RealServer& object,
                                                      const RealServerStatus& before,
                                                      const RealServerStatus& after, WallTime now);

// Of a director: it begins to hand over, is empty, or takes part again.
[[nodiscard]] std::vector<ObjectEvent> events_between(const Node& object, const NodeStatus& before,
                                                      const NodeStatus& after, WallTime now);

}  // namespace lvs
