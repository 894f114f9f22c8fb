// --dry-run: the plans of all nodes as text, in ipvsadm and ip syntax.
#pragma once

#include <string>

#include "base/result.h"
#include "core/snapshot.h"

namespace lvs {

struct DryRun {
  std::string text;
  bool clean = true;  // no object is refused
};

// Every node's table and VIPs, then what is wrong with the resources, each behind a "#". Servers
// whose agents have not reported count as prepared. With `only_node` just that node's;
// kNotFound: there is no such Node.
[[nodiscard]] Result<DryRun> render_plans(const ClusterSnapshot& snapshot,
                                          const std::string& only_node);

}  // namespace lvs
