// Which real server an administrator means, and whether somebody forces it.
#include <algorithm>
#include <set>

#include "cli/explain.h"
#include "cli/table.h"

namespace lvs::cli {
namespace {

constexpr std::size_t kMostNamed = 10;

ServerChoice choice_of(const ClusterSnapshot& snapshot, const RealServer& server) {
  ServerChoice choice{server.meta.key, server.spec.node_name, {}};
  if (server.spec.address) {
    choice.addresses.push_back(*server.spec.address);
    return choice;
  }
  const auto node = snapshot.nodes.find(ObjectKey{"", server.spec.node_name});
  if (node == snapshot.nodes.end()) return choice;
  for (const auto family : {Family::kV4, Family::kV6}) {
    if (const auto address = node->second->internal_ip(family)) {
      choice.addresses.push_back(*address);
    }
  }
  return choice;
}

bool has(const std::vector<IpAddress>& addresses, const std::string& text) {
  const auto wanted = IpAddress::parse(text);
  return wanted && std::find(addresses.begin(), addresses.end(), *wanted) != addresses.end();
}

// By what an administrator may call it, the most exact first.
bool is_called(const ServerChoice& choice, const std::string& name, int how) {
  switch (how) {
    case 0:
      return to_string(*choice.key) == name || choice.key->name == name;
    case 1:
      return choice.node == name;
    default:
      return has(choice.addresses, name);
  }
}

std::string listed(const std::vector<ServerChoice>& choices) {
  std::vector<std::string> names;
  for (const auto& choice : choices) {
    if (names.size() == kMostNamed) break;
    names.push_back(to_string(*choice.key));
  }
  return join(names) + (choices.size() > names.size() ? ", ..." : "");
}

// Where only agents were asked, the machines with a VIP and the destinations of tables are known.
std::set<IpAddress> destinations_of(const ClusterAnswers& answers) {
  std::set<IpAddress> all;
  for (const auto& answer : answers.nodes) {
    if (!answer.state) continue;
    for (const auto& service : answer.state->services) {
      for (const auto& destination : service.destinations) all.insert(destination.key.address);
    }
  }
  return all;
}

std::vector<IpAddress> own_addresses(const NodeState& state) {
  std::vector<IpAddress> addresses;
  for (const auto& each : state.addresses) {
    if (!each.owned && !each.address.is_loopback()) addresses.push_back(each.address);
  }
  return addresses;
}

}  // namespace

Result<ServerChoice> choose_server(const ClusterSnapshot& snapshot, const std::string& name) {
  std::vector<ServerChoice> all;
  for (const auto& [key, server] : snapshot.real_servers) {
    all.push_back(choice_of(snapshot, *server));
  }
  for (int how = 0; how < 3; ++how) {
    std::vector<ServerChoice> meant;
    std::copy_if(all.begin(), all.end(), std::back_inserter(meant),
                 [&](const auto& choice) { return is_called(choice, name, how); });
    if (meant.size() == 1) return meant.front();
    if (!meant.empty()) {
      return fail(ErrorCode::kConflict,
                  name + " may be each of " + listed(meant) + "; write NAMESPACE/NAME");
    }
  }
  return fail(ErrorCode::kNotFound,
              "there is no RealServer " + name + "; " +
                  (all.empty() ? "there is none at all" : "there are: " + listed(all)));
}

std::optional<ServerCheck> check_forced(const ClusterSnapshot& snapshot, const ObjectKey& server) {
  const auto forced = snapshot.forced.find(server);
  if (forced == snapshot.forced.end()) return std::nullopt;
  return ServerCheck{"not forced", forced->second.up, to_text(forced->second),
                     "remove the annotation lvs-operator.io/force to go by the checks again"};
}

Result<ServerChoice> choose_server(const ClusterAnswers& answers, const std::string& name) {
  if (answers.wanted) return choose_server(*answers.wanted, name);
  for (const auto& answer : answers.nodes) {
    if (!answer.state) continue;
    auto addresses = own_addresses(*answer.state);
    if (answer.node == name || has(addresses, name)) {
      return ServerChoice{std::nullopt, answer.node, std::move(addresses)};
    }
  }
  if (const auto address = IpAddress::parse(name);
      address && destinations_of(answers).contains(*address)) {
    return ServerChoice{std::nullopt, "", {*address}};
  }
  return fail(ErrorCode::kNotFound,
              "no agent that was asked knows " + name +
                  "; name the node or the address of a real server, or ask with --manifests DIR");
}

}  // namespace lvs::cli
