// The status of a resource, from what was planned and what the agents report. Pure.
//
// `before` is the last status of the same object, null where there is none: times and earlier
// holders come from it, and what cannot be known at the moment stays as it was.
#pragma once

#include "api/status.h"
#include "core/planner.h"

namespace lvs {

// Why agents that answer do not store their plans, by node.
using PushErrors = std::map<std::string, Error>;
inline const PushErrors kNoPushErrors;

struct StatusSources {
  const ClusterSnapshot& cluster;
  const Planner& planner;
  WallTime now;
  const PushErrors& push_errors = kNoPushErrors;
};

[[nodiscard]] VirtualServiceStatus build_status(const StatusSources& sources,
                                                const VirtualService& object,
                                                const VirtualServiceStatus* before);
[[nodiscard]] RealServerStatus build_status(const StatusSources& sources, const RealServer& object,
                                            const RealServerStatus* before);

}  // namespace lvs
