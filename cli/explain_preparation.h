// Whether a real server's machine accepts what directors send it: the VIP, and silence about it.
// Pure.
#pragma once

#include <set>
#include <vector>

#include "cli/cluster_index.h"
#include "cli/explain.h"

namespace lvs::cli {

// `vips`: those that the machine must accept itself (not with masquerading).
[[nodiscard]] std::vector<ServerCheck> check_preparation(const ClusterIndex& index,
                                                         const ServerChoice& server,
                                                         const std::set<IpAddress>& vips);

}  // namespace lvs::cli
