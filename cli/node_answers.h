// What the agents answered, as values: what `status` and `diff` are made from.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/snapshot.h"
#include "wire/node_state.h"

namespace lvs::cli {

struct NodeAnswer {
  std::string node;      // the manifests' name for it, or the agent's own
  std::string endpoint;  // "192.168.100.10:9440", "/run/lvs-agent/agent.sock"
  Result<NodeState> state;
};

struct ClusterAnswers {
  // What is wanted, where manifests were given, with the agents' reports; otherwise only the agents
  // know.
  std::optional<ClusterSnapshot> wanted;
  std::vector<std::string> manifest_problems;
  std::vector<NodeAnswer> nodes;  // by name
};

// Puts the reports of the agents that answered into `snapshot`, and marks the others.
void add_reports(ClusterSnapshot& snapshot, const std::vector<NodeAnswer>& nodes);

[[nodiscard]] bool all_reachable(const ClusterAnswers& answers);

}  // namespace lvs::cli
