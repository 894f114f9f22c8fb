#include "cli/render.h"

#include <set>

#include "core/diff.h"
#include "core/election.h"
#include "core/format.h"
#include "core/realise.h"

namespace lvs::cli {
namespace {

// A name for the interface that only the machine itself knows.
constexpr const char* kUplink = "UPLINK";

std::string render_table(const NodePlan& plan) {
  std::vector<DesiredService> services;
  services.reserve(plan.services.size());
  for (const auto& [key, planned] : plan.services)
    services.push_back(realise_service(key, *planned));
  return format_table(services);
}

// A machine on which every address is reachable by one interface and nothing is set up yet.
ObservedNetwork imagine_network(const NodePlan& plan) {
  ObservedNetwork network;
  network.links.push_back(
      {.name = "lo", .index = 1, .up = true, .carrier = true, .loopback = true});
  std::set<std::string> interfaces{kUplink};
  const auto reach = [&network](const IpAddress& address) {
    network.addresses.push_back({.address = address, .prefix_length = 0, .interface = kUplink});
  };
  for (const auto& [address, vip] : plan.vips) {
    reach(IpAddress(address.family(), {}));
    if (!vip.interface.empty()) interfaces.insert(vip.interface);
  }
  for (const auto& [vip, backend] : plan.backends) reach(backend.server_address);
  for (const auto& name : interfaces) {
    network.links.push_back({.name = name, .index = 2, .up = true, .carrier = true});
    network.arp.push_back({.interface = name});
  }
  return network;
}

std::vector<std::string> render_operations(const NodePlan& plan) {
  const auto network = imagine_network(plan);
  const auto realised = realise_network(plan, roles_by_order(plan), network);
  std::vector<std::string> lines;
  for (const auto& operation : diff_network(realised.desired, network, {}).operations) {
    lines.push_back(format(operation));
  }
  return lines;
}

}  // namespace

std::vector<RenderedNode> render_plans(const Planner& planner) {
  std::vector<RenderedNode> nodes;
  for (const auto& [name, plan] : planner.plans()) {
    RenderedNode node{name, render_table(plan.plan()), render_operations(plan.plan())};
    if (!node.table.empty() || !node.operations.empty()) nodes.push_back(std::move(node));
  }
  return nodes;
}

}  // namespace lvs::cli
