// The services that a real server is in, as the directors that were asked have them. Pure.
#pragma once

#include <vector>

#include "cli/cluster_index.h"
#include "cli/explain.h"
#include "core/standing.h"

namespace lvs::cli {

// In the order of the keys.
struct ServedKey {
  ServiceKey service;
  const PlannedService* planned = nullptr;          // null: not known
  const PlannedDestination* destination = nullptr;  // null: the plan does not hold it
};
[[nodiscard]] std::vector<ServedKey> services_of(const ClusterIndex& index,
                                                 const ClusterAnswers& answers,
                                                 const ServerChoice& server);

[[nodiscard]] ExplainedService explain_service(const ClusterIndex& index, const ServedKey& served,
                                               const ServerChoice& server);

}  // namespace lvs::cli
