#include "cli/diff_report.h"

#include <algorithm>
#include <set>

#include "cli/planning.h"
#include "cli/table.h"
#include "core/diff.h"
#include "core/format.h"
#include "core/realise.h"

namespace lvs::cli {
namespace {

// What the agent holds back is a deletion all the same: the manifests do not have it.
ChangeSet diff_services(const NodePlan& plan, const NodeState& state) {
  const OffLinkServers off_link(state.status.off_link.begin(), state.status.off_link.end());
  const auto health = pools_of(plan, state.status.unhealthy);
  return diff_tables({plan, state.services, off_link, health, {}}, {}, TimePoint{});
}

// The agent does not send its links; their names are enough here.
ObservedNetwork network_of(const NodeState& state) {
  ObservedNetwork network;
  network.addresses = state.addresses;
  network.arp = state.arp;
  std::set<std::string> names;
  for (const auto& address : state.addresses) names.insert(address.interface);
  for (const auto& arp : state.arp) names.insert(arp.interface);
  for (const auto& name : names) {
    ObservedLink link;
    link.name = name;
    link.loopback = name == "lo";
    network.links.push_back(std::move(link));
  }
  return network;
}

Roles roles_of(const NodePlan& plan, const NodeStatus& status) {
  Roles roles = roles_by_order(plan);
  for (const auto& vip : status.vips) {
    const auto role = roles.find(vip.address);
    if (role != roles.end()) {
      role->second = {vip.holder ? Role::kHolder : Role::kStandby, vip.term};
    }
  }
  return roles;
}

std::vector<std::string> lines_of(const ChangeSet& changes) {
  std::vector<std::string> lines;
  for (const auto& operation : changes) lines.push_back(format(operation));
  return lines;
}

std::vector<std::string> operations_against(const NodePlan& plan, const NodeState& state) {
  auto changes = diff_services(plan, state);
  const auto network = network_of(state);
  const auto realised = realise_network(plan, roles_of(plan, state.status), network);
  const auto more = diff_network(realised.desired, network, {}).operations;
  changes.insert(changes.end(), more.begin(), more.end());
  return lines_of(changes);
}

std::set<IpAddress> vips_of(const NodeState& state) {
  std::set<IpAddress> vips;
  for (const auto& vip : state.status.vips) vips.insert(vip.address);
  for (const auto& backend : state.status.backends) vips.insert(backend.vip);
  return vips;
}

// Addresses that look like somebody's VIP: one of ours without our mark, or a host address on lo.
bool is_foreign_vip(const ObservedAddress& address, const std::set<IpAddress>& vips) {
  if (address.owned || address.address.is_loopback()) return false;
  const bool host = address.prefix_length == address_bits(address.address.family());
  return vips.contains(address.address) || (host && address.interface == "lo");
}

std::vector<std::string> foreign_objects(const NodeState& state) {
  std::vector<std::string> lines;
  for (const auto& service : state.services) {
    if (!service.owned) {
      lines.push_back(to_string(service.key) + " " + service.config.scheduler + ", " +
                      counted(service.destinations.size(), "real server"));
    }
  }
  const auto vips = vips_of(state);
  for (const auto& address : state.addresses) {
    if (is_foreign_vip(address, vips)) {
      lines.push_back(address.address.to_string() + "/" + std::to_string(address.prefix_length) +
                      " on " + address.interface);
    }
  }
  return lines;
}

NodeDiff diff_node(const NodeAnswer& answer, const Planner* planner) {
  NodeDiff diff;
  diff.node = answer.node;
  if (!answer.state) {
    diff.error = answer.state.error().message;
    return diff;
  }
  const NodeState& state = *answer.state;
  diff.foreign = foreign_objects(state);
  diff.against = "agent";
  diff.operations = state.pending;
  if (planner == nullptr) return diff;
  static const HashedPlan kNothing;
  const auto found = planner->plans().find(answer.node);
  const HashedPlan& plan = found == planner->plans().end() ? kNothing : found->second;
  if (state.status.has_plan && state.status.stored_plan == plan.hash()) return diff;
  diff.against = "manifests";
  diff.operations = operations_against(plan.plan(), state);
  return diff;
}

}  // namespace

DiffReport build_diff(const ClusterAnswers& answers) {
  std::optional<Planner> planner;
  if (answers.wanted) planner = plan_as_reported(*answers.wanted);
  DiffReport report;
  for (const auto& answer : answers.nodes) {
    report.nodes.push_back(diff_node(answer, planner ? &*planner : nullptr));
  }
  return report;
}

}  // namespace lvs::cli
