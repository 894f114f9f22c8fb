#include <charconv>
#include <optional>
#include <set>

#include "cli/agents.h"

namespace lvs::cli {
namespace {

std::string url_host(const IpAddress& address) {
  return address.family() == Family::kV6 ? "[" + address.to_string() + "]" : address.to_string();
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

AgentTarget to_host(std::string host, std::uint16_t port) {
  AgentTarget target;
  target.host = std::move(host);
  target.port = port;
  return target;
}

AgentTarget to_target(const std::string& name, const Node* node) {
  AgentTarget target;
  target.node = name;
  if (node == nullptr) {
    target.problem = "no Node of this name is among the manifests; add it with its InternalIP";
    return target;
  }
  auto address = node->internal_ip(Family::kV4);
  if (!address) address = node->internal_ip(Family::kV6);
  if (!address) {
    target.problem = "the Node has no InternalIP; add one to status.addresses";
    return target;
  }
  target.host = url_host(*address);
  target.port = node->agent_port;
  return target;
}

}  // namespace

std::string AgentTarget::endpoint() const {
  if (!socket_path.empty()) return socket_path;
  return host.empty() ? "" : host + ":" + std::to_string(port);
}

Result<AgentTarget> parse_target(const std::string& text) {
  if (text.starts_with("unix:") || text.starts_with("/")) {
    AgentTarget target;
    target.socket_path = text.starts_with("unix:") ? text.substr(5) : text;
    return target;
  }
  if (const auto address = IpAddress::parse(text)) {
    return to_host(url_host(*address), kDefaultAgentPort);
  }
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || text.ends_with("]")) {
    if (!text.empty()) return to_host(text, kDefaultAgentPort);
  } else if (const auto port = parse_port(text.substr(colon + 1)); port && colon > 0) {
    return to_host(text.substr(0, colon), *port);
  }
  return fail(ErrorCode::kInvalidArgument,
              "--agent " + text + ": not an agent; write HOST, HOST:PORT, [IPV6]:PORT or a socket");
}

std::vector<AgentTarget> targets_of(const ClusterSnapshot& snapshot) {
  std::set<std::string> names;
  for (const auto& [key, node] : snapshot.nodes) {
    if (node->is_director()) names.insert(key.name);
  }
  for (const auto& [key, server] : snapshot.real_servers) {
    if (!server->spec.node_name.empty()) names.insert(server->spec.node_name);
  }
  std::vector<AgentTarget> targets;
  for (const auto& name : names) {
    const auto node = snapshot.nodes.find(ObjectKey{"", name});
    targets.push_back(to_target(name, node == snapshot.nodes.end() ? nullptr : node->second.get()));
  }
  return targets;
}

}  // namespace lvs::cli
