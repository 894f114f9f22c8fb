// What is new in a node's report. Pure; internal to the planner.
#pragma once

#include <set>
#include <vector>

#include "core/report.h"

namespace lvs::planning {

struct ReportDifference {
  std::set<IpAddress> prepared;  // VIPs whose preparation, or its address, is not what it was
  std::set<IpAddress> listed;    // that came to the list, or left it
};

// Both sorted by VIP, as reports are.
[[nodiscard]] ReportDifference compare_backends(const std::vector<BackendReport>& before,
                                                const std::vector<BackendReport>& after);

}  // namespace lvs::planning
