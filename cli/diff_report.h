// The answer of `lvsctl diff` as a value: what each kernel lacks or has too much.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/node_answers.h"

namespace lvs::cli {

struct NodeDiff {
  std::string node;
  std::string error;  // why there is no answer; empty: there is one
  // "agent": against the plan that the agent has, with what only it knows (role, drains).
  // "manifests": against the manifests, which the agent's plan does not follow (yet).
  std::string against;
  std::vector<std::string> operations;  // that would make it right, in ipvsadm and ip syntax
  std::vector<std::string> foreign;     // not ours, never touched
};

struct DiffReport {
  std::vector<NodeDiff> nodes;
};

[[nodiscard]] DiffReport build_diff(const ClusterAnswers& answers);

[[nodiscard]] std::string to_text(const DiffReport& report, bool colour);
[[nodiscard]] std::string to_json(const DiffReport& report);
// Foreign objects are no difference.
[[nodiscard]] int exit_code_of(const DiffReport& report);

}  // namespace lvs::cli
