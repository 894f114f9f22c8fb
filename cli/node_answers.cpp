#include "cli/node_answers.h"

#include <algorithm>

namespace lvs::cli {

void add_reports(ClusterSnapshot& snapshot, const std::vector<NodeAnswer>& nodes) {
  for (const auto& answer : nodes) {
    if (answer.state) {
      snapshot.reports[answer.node] = std::make_shared<const NodeStatus>(answer.state->status);
    } else {
      snapshot.unreachable.insert(answer.node);
    }
  }
}

bool all_reachable(const ClusterAnswers& answers) {
  return std::all_of(answers.nodes.begin(), answers.nodes.end(),
                     [](const NodeAnswer& answer) { return answer.state.has_value(); });
}

}  // namespace lvs::cli
