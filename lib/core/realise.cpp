#include "core/realise.h"

#include <algorithm>

#include "core/address_index.h"

namespace lvs {
namespace {

bool is_direct(const PlannedDestination& planned) {
  return planned.config.forwarding == ForwardingMethod::kDirectRouting;
}

DesiredDestination realise_destination(const PlannedDestination& planned,
                                       const OffLinkServers& off_link, const PoolVerdict& health) {
  const bool unreachable = is_direct(planned) && off_link.contains(planned.key.address);
  const bool kept_out = is_kept_out(planned.admission) || unreachable ||
                        health.out.contains(planned.key) || planned.config.weight == 0;
  const bool known =
      planned.admission == Admission::kForceUp ||
      (planned.admission == Admission::kAdmit && !health.unknown.contains(planned.key));
  DesiredDestination wanted{planned.key, planned.config};
  // Who may have been cut out is not put in again before somebody knows.
  if (!known && !kept_out) wanted.want = health.cut ? Want::kUndecided : Want::kKeepWeight;
  if (kept_out) wanted.config.weight = 0;
  if (health.cut && health.out.contains(planned.key)) wanted.want = Want::kCut;
  return wanted;
}

// The sorry server stands in the table only while it is needed: some schedulers (sh, dh) choose
// destinations of weight 0, too.
void add_sorry_server(const PlannedSorryServer& sorry, const OffLinkServers& off_link,
                      std::vector<DesiredDestination>& destinations) {
  const bool direct = sorry.forwarding == ForwardingMethod::kDirectRouting;
  if (direct && off_link.contains(sorry.key.address)) return;
  Want want = Want::kConfigured;
  for (const DesiredDestination& each : destinations) {
    if (each.key == sorry.key) return;
    if (each.want == Want::kConfigured && each.config.weight > 0) return;
    if (each.want == Want::kKeepWeight || each.want == Want::kUndecided) want = Want::kUndecided;
  }
  const auto place =
      std::lower_bound(destinations.begin(), destinations.end(), sorry.key,
                       [](const DesiredDestination& d, const auto& key) { return d.key < key; });
  destinations.insert(place, {sorry.key, {sorry.forwarding, 1, 0, 0}, want});
}

std::string loopback_name(const ObservedNetwork& observed) {
  const auto at = std::find_if(observed.links.begin(), observed.links.end(),
                               [](const ObservedLink& link) { return link.loopback; });
  return at == observed.links.end() ? "lo" : at->name;
}

class NetworkRealisation {
 public:
  NetworkRealisation(const NodePlan& plan, const Roles& roles, const ObservedNetwork& observed)
      : plan_(plan), roles_(roles), observed_(observed), others_(without_ours(observed)) {}

  RealisedNetwork run(const OtherDirectors& others) && {
    result_.desired.local_delivery = realise_local_delivery(plan_, observed_, others);
    for (const auto& [address, vip] : plan_.vips) {
      realise_candidate(address, vip);
    }
    for (const auto& [address, backend] : plan_.backends) {
      realise_backend(address, backend);
    }
    sort_and_check();
    return std::move(result_);
  }

 private:
  bool holds(const IpAddress& address) const {
    const auto role = roles_.find(address);
    return role != roles_.end() && role->second.role == Role::kHolder &&
           plan_.vips.count(address) != 0;
  }

  // A candidate that could not hold the VIP says so before it has to.
  void realise_candidate(const IpAddress& address, const PlannedVip& vip) {
    const std::string text = address.to_string();
    const std::string interface =
        vip.interface.empty() ? interface_for(address, others_) : vip.interface;
    if (interface.empty()) {
      problem(text, "DirectorHasNoPathToVIPNetwork",
              "no interface of this node is on the network of " + text +
                  "; name one in spec.interface or give the node an address there");
    } else if (find_link(observed_, interface) == nullptr) {
      problem(text, "InterfaceMissing",
              "interface " + interface + " of spec.interface does not exist on this node");
    } else if (holds(address)) {
      result_.desired.vips.push_back({address, interface, VipScope::kUplink});
    }
  }

  void realise_backend(const IpAddress& vip, const PlannedBackend& backend) {
    // A masquerading director rewrites the address: its real servers need no VIP.
    if (backend.forwarding == ForwardingMethod::kMasquerade) return;
    const bool here = holds(vip);
    if (here && !is_shared(plan_, plan_.vips.at(vip))) return;
    const std::string ingress = ingress_interface(backend.server_address, others_);
    if (ingress.empty()) {
      problem(vip.to_string(), "NoInterfaceForAddress",
              "no interface has the real server's address " + backend.server_address.to_string() +
                  "; correct spec.address of the RealServer or the node's InternalIP");
      return;
    }
    // IPv6 needs no setting: an address on lo is never answered for (ndisc_recv_ns, kernel 6.1).
    if (vip.family() == Family::kV4) result_.desired.silent_arp.push_back(ingress);
    // The holder's own server needs no second address; when the VIP goes, it goes to lo at once.
    if (here) return;
    result_.desired.vips.push_back({vip, loopback_name(observed_), VipScope::kLoopback});
  }

  void sort_and_check() {
    DesiredNetwork& desired = result_.desired;
    std::sort(desired.vips.begin(), desired.vips.end(),
              [](const DesiredVip& a, const DesiredVip& b) { return a.address < b.address; });
    std::sort(desired.silent_arp.begin(), desired.silent_arp.end());
    desired.silent_arp.erase(std::unique(desired.silent_arp.begin(), desired.silent_arp.end()),
                             desired.silent_arp.end());
    for (const DesiredVip& vip : desired.vips) report_foreign(vip);
  }

  void report_foreign(const DesiredVip& vip) {
    for (const ObservedAddress& present : others_.addresses) {
      if (present.address != vip.address || present.interface != vip.interface) continue;
      problem(vip.address.to_string() + " on " + vip.interface, "ForeignAddress",
              "the address was put there by somebody else: it is used as it is and will not be "
              "removed; delete it there if lvs-agent shall manage it");
    }
  }

  void problem(std::string object, std::string reason, std::string message) {
    result_.problems.push_back({std::move(object), std::move(reason), std::move(message)});
  }

  const NodePlan& plan_;
  const Roles& roles_;
  const ObservedNetwork& observed_;
  const ObservedNetwork others_;  // what is not ours decides where ours go
  RealisedNetwork result_;
};

}  // namespace

DesiredService realise_service(const ServiceKey& key, const PlannedService& planned,
                               const OffLinkServers& off_link, const PoolVerdict& health) {
  DesiredService desired{
      key, planned.header.config, planned.header.drain_timeout, {}, planned.header.paused};
  desired.destinations.reserve(planned.destinations.size());
  for (const PlannedDestination& destination : planned.destinations) {
    desired.destinations.push_back(realise_destination(destination, off_link, health));
  }
  if (const auto& sorry = planned.header.sorry) {
    add_sorry_server(*sorry, off_link, desired.destinations);
  }
  return desired;
}

OffLinkServers maybe_off_link(const NodePlan& plan, const ObservedNetwork& observed) {
  std::vector<IpNetwork> networks;
  for (const ObservedAddress& present : observed.addresses) {
    if (present.owned || is_loopback(observed, present.interface)) continue;
    networks.push_back({present.address, present.prefix_length});
  }
  OffLinkServers doubtful;
  const auto look_at = [&](const IpAddress& address, ForwardingMethod forwarding) {
    if (forwarding != ForwardingMethod::kDirectRouting || doubtful.size() == kMostDoubtful) return;
    const bool on_link = std::any_of(networks.begin(), networks.end(),
                                     [&](const auto& n) { return n.contains(address); });
    if (!on_link) doubtful.insert(address);
  };
  for (const auto& [key, service] : plan.services) {
    for (const PlannedDestination& each : service->destinations) {
      look_at(each.key.address, each.config.forwarding);
    }
    const auto& sorry = service->header.sorry;
    if (sorry) look_at(sorry->key.address, sorry->forwarding);
    if (doubtful.size() == kMostDoubtful) break;
  }
  return doubtful;
}

RealisedNetwork realise_network(const NodePlan& plan, const Roles& roles,
                                const ObservedNetwork& observed, const OtherDirectors& others) {
  return NetworkRealisation(plan, roles, observed).run(others);
}

const ObservedAddress* own_address_near(const IpAddress& address, const ObservedNetwork& observed) {
  const ObservedAddress* best = nullptr;
  for (const ObservedAddress& present : observed.addresses) {
    if (present.owned || is_loopback(observed, present.interface)) continue;
    if (!IpNetwork{present.address, present.prefix_length}.contains(address)) continue;
    if (best == nullptr || present.prefix_length > best->prefix_length) best = &present;
  }
  return best;
}

std::string interface_for(const IpAddress& address, const ObservedNetwork& observed) {
  const ObservedAddress* own = own_address_near(address, observed);
  return own == nullptr ? std::string() : own->interface;
}

std::string ingress_interface(const IpAddress& server_address, const ObservedNetwork& observed) {
  for (const ObservedAddress& present : observed.addresses) {
    if (present.address == server_address && !present.owned &&
        !is_loopback(observed, present.interface)) {
      return present.interface;
    }
  }
  return {};
}

}  // namespace lvs
