// --dry-run: the plans of all nodes as text, in ipvsadm and ip syntax.
#pragma once

#include <string>

#include "core/snapshot.h"

namespace lvs {

// Every node's table and VIPs, then what is wrong with the resources, each behind a "#". Servers
// whose agents have not reported count as prepared.
[[nodiscard]] std::string render_plans(const ClusterSnapshot& snapshot);

}  // namespace lvs
