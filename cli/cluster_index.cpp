#include "cli/cluster_index.h"

#include <algorithm>

#include "cli/planning.h"

namespace lvs::cli {

ClusterIndex::ClusterIndex(const ClusterAnswers& answers) : answers_(answers) {
  for (const auto& answer : answers.nodes) by_node_[answer.node] = &answer;
  if (answers.wanted) index_wanted(*answers.wanted);
  index_nodes();
}

void ClusterIndex::index_wanted(const ClusterSnapshot& snapshot) {
  planner_ = plan_as_reported(snapshot);
  for (const auto& [node, plan] : planner_->plans()) {
    planned_.insert(plan.plan().services.begin(), plan.plan().services.end());
  }
  for (const auto& [key, server] : snapshot.real_servers) index_server(snapshot, *server);
}

void ClusterIndex::index_server(const ClusterSnapshot& snapshot, const RealServer& server) {
  const auto& key = server.meta.key;
  const ServerIdentity identity{key.name, server.spec.node_name};
  if (server.spec.address) {
    real_servers_[{key.ns, *server.spec.address}] = identity;
    return;
  }
  const auto node = snapshot.nodes.find(ObjectKey{"", server.spec.node_name});
  if (node == snapshot.nodes.end()) return;
  for (const auto& address : node->second->internal_ips)
    real_servers_[{key.ns, address}] = identity;
}

void ClusterIndex::index_nodes() {
  for (const auto& answer : answers_.nodes) {
    if (!answer.state) continue;
    for (const auto& address : answer.state->addresses) {
      if (!address.owned && !address.address.is_loopback()) {
        node_addresses_[address.address] = answer.node;
      }
    }
  }
}

const NodeState* ClusterIndex::state_of(const std::string& node) const {
  const auto found = by_node_.find(node);
  return found == by_node_.end() || !found->second->state ? nullptr : &*found->second->state;
}

const ObservedService* ClusterIndex::service_on(const std::string& node,
                                                const ServiceKey& key) const {
  const NodeState* state = state_of(node);
  if (state == nullptr) return nullptr;
  const auto found = std::find_if(state->services.begin(), state->services.end(),
                                  [&key](const auto& service) { return service.key == key; });
  return found == state->services.end() ? nullptr : &*found;
}

const VipReport* ClusterIndex::vip_on(const std::string& node, const IpAddress& vip) const {
  const NodeState* state = state_of(node);
  if (state == nullptr) return nullptr;
  const auto& vips = state->status.vips;
  const auto found = std::find_if(vips.begin(), vips.end(),
                                  [&vip](const auto& report) { return report.address == vip; });
  return found == vips.end() ? nullptr : &*found;
}

const BackendReport* ClusterIndex::backend_on(const std::string& node, const IpAddress& vip) const {
  const NodeState* state = state_of(node);
  if (state == nullptr) return nullptr;
  const auto& backends = state->status.backends;
  const auto found = std::find_if(backends.begin(), backends.end(),
                                  [&vip](const auto& report) { return report.vip == vip; });
  return found == backends.end() ? nullptr : &*found;
}

std::set<IpAddress> ClusterIndex::vips() const {
  std::set<IpAddress> vips;
  for (const auto& [key, service] : planned_) {
    if (key.firewall_mark == 0) vips.insert(key.address);
  }
  for (const auto& answer : answers_.nodes) {
    if (!answer.state) continue;
    for (const auto& report : answer.state->status.vips) vips.insert(report.address);
  }
  return vips;
}

std::vector<std::string> ClusterIndex::candidates_of(const IpAddress& vip) const {
  if (planner_) {
    if (auto planned = planner_->candidates_of(vip); !planned.empty()) return planned;
  }
  std::vector<std::string> nodes;
  for (const auto& [node, answer] : by_node_) {
    if (vip_on(node, vip) != nullptr) nodes.push_back(node);
  }
  return nodes;
}

std::vector<std::string> ClusterIndex::holders_of(const IpAddress& vip) const {
  std::vector<std::string> nodes;
  for (const auto& [node, answer] : by_node_) {
    const VipReport* report = vip_on(node, vip);
    if (report != nullptr && report->holder) nodes.push_back(node);
  }
  return nodes;
}

std::set<ServiceKey> ClusterIndex::services() const {
  std::set<ServiceKey> keys;
  for (const auto& [key, service] : planned_) keys.insert(key);
  const auto ours = vips();
  for (const auto& answer : answers_.nodes) {
    if (!answer.state) continue;
    for (const auto& service : answer.state->services) {
      if (service.owned || ours.contains(service.key.address)) keys.insert(service.key);
    }
  }
  return keys;
}

std::optional<ServerIdentity> ClusterIndex::server_at(const IpAddress& address,
                                                      const std::string& ns) const {
  const auto server = real_servers_.find({ns, address});
  if (server != real_servers_.end()) return server->second;
  const auto node = node_addresses_.find(address);
  if (node == node_addresses_.end()) return std::nullopt;
  return ServerIdentity{node->second, node->second};
}

}  // namespace lvs::cli
