// The status of a resource, from what was planned and what the agents report. Pure.
//
// `before` is the last status of the same object, null where there is none: times and earlier
// holders come from it, and what cannot be known at the moment stays as it was.
#pragma once

#include "api/status.h"
#include "core/planner.h"

namespace lvs {

struct StatusSources {
  const ClusterSnapshot& cluster;
  const Planner& planner;
  WallTime now;
};

[[nodiscard]] VirtualServiceStatus build_status(const StatusSources& sources,
                                                const VirtualService& object,
                                                const VirtualServiceStatus* before);
[[nodiscard]] RealServerStatus build_status(const StatusSources& sources, const RealServer& object,
                                            const RealServerStatus* before);

}  // namespace lvs
