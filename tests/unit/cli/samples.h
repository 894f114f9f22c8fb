// Scenario S1 (two directors, three real servers 3:2:1) as manifests and as agents' answers.
#pragma once

#include <string>
#include <vector>

#include "cli/manifests.h"
#include "cli/node_answers.h"

namespace lvs::cli::test {

inline IpAddress ip(const std::string& text) { return IpAddress::parse(text).value(); }

// The manifests of S1: web.yaml and nodes.yaml.
[[nodiscard]] std::vector<ManifestFile> s1_files();
[[nodiscard]] ClusterSnapshot s1_snapshot();

inline const ServiceKey kWeb{ip("192.168.100.100"), Protocol::kTcp, 80, 0};

// What the agents of S1 answer when all is well; director-1 holds the VIP. The plans' hashes are
// those of the manifests.
[[nodiscard]] NodeState s1_director(const std::string& node, bool holder);
[[nodiscard]] NodeState s1_real_server(const std::string& node, const std::string& address);
[[nodiscard]] ClusterAnswers s1_answers();

// The answer of that node, to be changed.
[[nodiscard]] NodeAnswer& answer_of(ClusterAnswers& answers, const std::string& node);
void make_unreachable(ClusterAnswers& answers, const std::string& node);
// After changes: puts the reports into `wanted` again.
[[nodiscard]] ClusterAnswers settled(ClusterAnswers answers);

}  // namespace lvs::cli::test
