#include <algorithm>

#include "core/realise.h"

namespace lvs {
namespace {

void add_server(const IpAddress& server, std::vector<IpAddress>& servers) {
  const bool known = std::any_of(servers.begin(), servers.end(), [&](const IpAddress& each) {
    return each.family() == server.family();
  });
  if (!known) servers.push_back(server);
}

std::vector<IpAddress> servers_elsewhere(const NodePlan& plan,
                                         const std::vector<IpAddress>& servers) {
  std::vector<IpAddress> elsewhere;
  for (const auto& [node, director] : plan.directors) {
    for (const IpAddress& address : director.addresses) {
      const bool needed = std::any_of(servers.begin(), servers.end(), [&](const IpAddress& each) {
        return each.family() == address.family() && each != address;
      });
      if (node != plan.node && needed) elsewhere.push_back(address);
    }
  }
  std::sort(elsewhere.begin(), elsewhere.end());
  elsewhere.erase(std::unique(elsewhere.begin(), elsewhere.end()), elsewhere.end());
  return elsewhere;
}

}  // namespace

bool is_shared(const NodePlan& plan, const PlannedVip& vip) {
  const auto& candidates = vip.candidates;
  return candidates.size() > 1 &&
         std::find(candidates.begin(), candidates.end(), plan.node) != candidates.end();
}

LocalDelivery realise_local_delivery(const NodePlan& plan, const ObservedNetwork& observed,
                                     const OtherDirectors& others) {
  LocalDelivery delivery;
  for (const auto& [address, backend] : plan.backends) {
    const auto vip = plan.vips.find(address);
    const bool direct = backend.forwarding == ForwardingMethod::kDirectRouting;
    if (!direct || vip == plan.vips.end() || !is_shared(plan, vip->second)) continue;
    delivery.vips.push_back(address);
    add_server(backend.server_address, delivery.servers);
  }
  if (delivery.vips.empty()) return {};
  std::sort(delivery.servers.begin(), delivery.servers.end());
  delivery.others = servers_elsewhere(plan, delivery.servers);
  delivery.directors = others.hardware;
  if (others.all_known) return delivery;
  // After a start nobody is known yet: whom the kernel knows stays.
  const auto& kept = observed.local_delivery.directors;
  delivery.directors.insert(delivery.directors.end(), kept.begin(), kept.end());
  std::sort(delivery.directors.begin(), delivery.directors.end());
  delivery.directors.erase(std::unique(delivery.directors.begin(), delivery.directors.end()),
                           delivery.directors.end());
  return delivery;
}

}  // namespace lvs
