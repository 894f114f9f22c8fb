// Plans as text: what each node's kernel is going to hold.
#pragma once

#include <string>
#include <vector>

#include "core/planner.h"

namespace lvs::cli {

struct RenderedNode {
  std::string node;
  std::string table;                    // `ipvsadm -R` text; empty where the node directs nothing
  std::vector<std::string> operations;  // ip and sysctl commands besides
};

// Pure. Every node that has something to do, by name.
[[nodiscard]] std::vector<RenderedNode> render_plans(const Planner& planner);

}  // namespace lvs::cli
