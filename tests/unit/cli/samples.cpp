#include "samples.h"

#include <algorithm>
#include <stdexcept>

#include "cli/planning.h"

namespace lvs::cli::test {
namespace {

constexpr const char* kWebYaml = R"(apiVersion: lvs-operator.io/v1alpha1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  vips: [192.168.100.100]
  ports:
  - {name: http, port: 80}
  scheduler: {name: wrr}
  forwarding: DirectRouting
  persistence: {timeout: 60s}
  realServerSelector: {matchLabels: {app: web}}
  directors: {preferred: [director-1]}
---
apiVersion: lvs-operator.io/v1alpha1
kind: RealServer
metadata: {name: web-1, namespace: shop, labels: {app: web}}
spec: {nodeName: real-server-1, weight: 3}
---
apiVersion: lvs-operator.io/v1alpha1
kind: RealServer
metadata: {name: web-2, namespace: shop, labels: {app: web}}
spec: {nodeName: real-server-2, weight: 2}
---
apiVersion: lvs-operator.io/v1alpha1
kind: RealServer
metadata: {name: web-3, namespace: shop, labels: {app: web}}
spec: {nodeName: real-server-3, weight: 1}
)";

constexpr const char* kNodesYaml = R"(apiVersion: v1
kind: Node
metadata: {name: director-1, labels: {lvs-operator.io/director: "true"}}
status: {addresses: [{type: InternalIP, address: 192.168.100.10}]}
---
apiVersion: v1
kind: Node
metadata: {name: director-2, labels: {lvs-operator.io/director: "true"}}
status: {addresses: [{type: InternalIP, address: 192.168.100.11}]}
---
apiVersion: v1
kind: Node
metadata: {name: real-server-1}
status: {addresses: [{type: InternalIP, address: 192.168.100.21}]}
---
apiVersion: v1
kind: Node
metadata: {name: real-server-2}
status: {addresses: [{type: InternalIP, address: 192.168.100.22}]}
---
apiVersion: v1
kind: Node
metadata: {name: real-server-3}
status: {addresses: [{type: InternalIP, address: 192.168.100.23}]}
)";

ObservedDestination destination(const std::string& address, std::uint32_t weight,
                                std::uint32_t active) {
  return {.key = {ip(address), 80},
          .config = {ForwardingMethod::kDirectRouting, weight, 0, 0},
          .connections = {active, 10 * active, 0},
          .traffic = {}};
}

NodeStatus status_of(const std::string& node) {
  NodeStatus status;
  status.node = node;
  status.agent_version = "0.1.0";
  status.has_plan = true;
  return status;
}

ObservedAddress own_address(const std::string& address) {
  return {.address = ip(address), .prefix_length = 24, .interface = "eth0"};
}

// The plans that the manifests lead to are the ones that the agents have.
void follow_manifests(ClusterAnswers& answers) {
  const Planner planner = plan_as_reported(*answers.wanted);
  for (auto& answer : answers.nodes) {
    const auto plan = planner.plans().find(answer.node);
    if (!answer.state || plan == planner.plans().end()) continue;
    answer.state->status.stored_plan = plan->second.hash();
    answer.state->status.applied_plan = plan->second.hash();
  }
  add_reports(*answers.wanted, answers.nodes);
}

}  // namespace

std::vector<ManifestFile> s1_files() {
  return {{"web.yaml", kWebYaml}, {"nodes.yaml", kNodesYaml}};
}

ClusterSnapshot s1_snapshot() { return to_snapshot(parse_files(s1_files()).resources); }

NodeState s1_director(const std::string& node, bool holder) {
  NodeState state;
  state.status = status_of(node);
  state.status.vips.push_back({.address = kWeb.address,
                               .interface = "eth0",
                               .holder = holder,
                               .present = holder,
                               .term = holder ? 4U : 0U,
                               .reason = {},
                               .message = {}});
  state.addresses.push_back(
      own_address(node == "director-1" ? "192.168.100.10" : "192.168.100.11"));
  if (holder) {
    state.addresses.push_back(
        {.address = kWeb.address, .prefix_length = 32, .interface = "eth0", .owned = true});
  }
  const std::uint32_t busy = holder ? 1 : 0;
  state.services.push_back({.key = kWeb,
                            .config = {"wrr", kFlagPersistent, 60, 32},
                            .owned = true,
                            .traffic = {},
                            .destinations = {destination("192.168.100.21", 3, 3 * busy),
                                             destination("192.168.100.22", 2, 2 * busy),
                                             destination("192.168.100.23", 1, busy)}});
  return state;
}

NodeState s1_real_server(const std::string& node, const std::string& address) {
  NodeState state;
  state.status = status_of(node);
  state.status.backends.push_back({.vip = kWeb.address,
                                   .prepared = true,
                                   .reason = {},
                                   .message = {},
                                   .server_address = IpAddress::parse(address).value()});
  state.addresses.push_back(own_address(address));
  state.addresses.push_back(
      {.address = kWeb.address, .prefix_length = 32, .interface = "lo", .owned = true});
  state.arp.push_back({.interface = "eth0", .ignore = 1, .announce = 2});
  return state;
}

ClusterAnswers s1_answers() {
  ClusterAnswers answers{s1_snapshot(), {}, {}};
  const auto add = [&answers](NodeState state) {
    const std::string node = state.status.node;
    const std::string endpoint = state.addresses.front().address.to_string() + ":9440";
    answers.nodes.push_back({node, endpoint, std::move(state)});
  };
  add(s1_director("director-1", true));
  add(s1_director("director-2", false));
  add(s1_real_server("real-server-1", "192.168.100.21"));
  add(s1_real_server("real-server-2", "192.168.100.22"));
  add(s1_real_server("real-server-3", "192.168.100.23"));
  return settled(std::move(answers));
}

NodeAnswer& answer_of(ClusterAnswers& answers, const std::string& node) {
  const auto found = std::find_if(answers.nodes.begin(), answers.nodes.end(),
                                  [&node](const auto& answer) { return answer.node == node; });
  if (found == answers.nodes.end()) throw std::logic_error("no node " + node);
  return *found;
}

void make_unreachable(ClusterAnswers& answers, const std::string& node) {
  answer_of(answers, node).state = fail(ErrorCode::kUnavailable, "connection refused");
}

ClusterAnswers settled(ClusterAnswers answers) {
  if (!answers.wanted) return answers;
  answers.wanted->reports.clear();
  answers.wanted->unreachable.clear();
  add_reports(*answers.wanted, answers.nodes);
  follow_manifests(answers);
  return answers;
}

}  // namespace lvs::cli::test
