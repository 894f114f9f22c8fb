// What in a status is a problem, and what to do about it. Pure.
#pragma once

#include <vector>

#include "cli/cluster_index.h"
#include "cli/status_report.h"

namespace lvs::cli {

// `report` has its VIPs, services and nodes already.
[[nodiscard]] std::vector<ProblemRow> find_status_problems(const ClusterAnswers& answers,
                                                           const ClusterIndex& index,
                                                           const StatusReport& report);

}  // namespace lvs::cli
