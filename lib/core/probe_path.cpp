#include "core/probe_path.h"

#include <algorithm>

#include "core/diff.h"
#include "core/realise.h"

namespace lvs {
namespace {

// One-packet scheduling concerns datagrams only: none may find the server of an earlier probe whose
// port it happens to have.
const ServiceConfig kProbeService{"rr", kFlagOnePacket | kFlagProbePath, 0, 0};

ServiceKey service_key(std::uint32_t mark, Family family) {
  return {IpAddress(family, {}), Protocol::kTcp, 0, mark};
}

DesiredService service_for(const IpAddress& server, std::uint32_t mark) {
  return {service_key(mark, server.family()),
          kProbeService,
          Duration{0},
          {{{server, 0}, {ForwardingMethod::kDirectRouting, 1, 0, 0}, Want::kConfigured}}};
}

std::set<IpAddress> servers_in_path(const NodePlan& plan) {
  std::set<IpAddress> servers;
  for (const auto& [key, service] : plan.services) {
    if (!is_in_path(service->header)) continue;
    for (const PlannedDestination& each : service->destinations) {
      servers.insert(each.key.address);
    }
  }
  return servers;
}

bool serves(const ObservedService& service, const IpAddress& server) {
  return service.destinations.size() == 1 && service.destinations[0].key.address == server;
}

class Marks {
 public:
  Marks(const ObservedPaths& observed, std::uint32_t range)
      : range_(range), taken_(observed.foreign_marks) {
    for (const ObservedService& service : observed.services) {
      const std::uint32_t mark = service.key.firewall_mark;
      if ((mark & kProbeMarkRange) != range || service.destinations.size() != 1) continue;
      if (kept_.emplace(service.destinations[0].key.address, mark).second) taken_.insert(mark);
    }
  }

  // 0: all are taken.
  std::uint32_t of(const IpAddress& server) {
    if (const auto at = kept_.find(server); at != kept_.end()) return at->second;
    for (; next_ < kMostProbeMarks; ++next_) {
      const std::uint32_t mark = probe_mark(range_, next_);
      if (taken_.insert(mark).second) return mark;
    }
    return 0;
  }

 private:
  std::uint32_t range_;
  std::set<std::uint32_t> taken_;
  std::map<IpAddress, std::uint32_t> kept_;
  std::size_t next_ = 0;
};

bool accepts(const ObservedPaths& observed, const std::string& interface) {
  const auto at = observed.accept_local.find(interface);
  return at != observed.accept_local.end() && (at->second.own != 0 || at->second.all != 0);
}

std::set<std::string> interfaces_of(const DesiredPaths& desired) {
  std::set<std::string> interfaces;
  for (const auto& [server, interface] : desired.ingress) interfaces.insert(interface);
  return interfaces;
}

void diff_services(const DesiredPaths& desired, const ObservedPaths& observed,
                   ChangeSet& operations) {
  std::map<ServiceKey, DesiredService> wanted;
  for (const auto& [server, path] : desired.paths) {
    DesiredService service = service_for(server, path.mark);
    wanted.emplace(service.key, std::move(service));
  }
  DrainLedger drains;
  const auto append = [&](const DesiredService* service, const ObservedService* present) {
    const ChangeSet changes = diff_service(service, present, drains, TimePoint{});
    operations.insert(operations.end(), changes.begin(), changes.end());
  };
  for (const ObservedService& present : observed.services) {
    const auto at = wanted.find(present.key);
    append(at == wanted.end() ? nullptr : &at->second, &present);
    if (at != wanted.end()) wanted.erase(at);
  }
  for (const auto& [key, service] : wanted) append(&service, nullptr);
}

void diff_accept_local(const DesiredPaths& desired, const ObservedPaths& observed,
                       PathChange& change) {
  const std::set<std::string> wanted = interfaces_of(desired);
  for (const std::string& interface : wanted) {
    if (!observed.accept_local.contains(interface) || accepts(observed, interface)) continue;
    change.saved.insert(interface);
    change.operations.push_back(SetAcceptLocal{interface, true});
  }
  for (auto at = change.saved.begin(); at != change.saved.end();) {
    const auto present = observed.accept_local.find(*at);
    const bool ours = present != observed.accept_local.end() && present->second.own == 1;
    if (wanted.contains(*at)) {
      ++at;
    } else if (ours) {
      change.operations.push_back(SetAcceptLocal{*at, false});
      ++at;  // remembered until the old value was read back
    } else {
      at = change.saved.erase(at);
    }
  }
}

}  // namespace

std::uint32_t probe_mark(std::uint32_t range, std::size_t index) {
  const auto number = static_cast<std::uint32_t>(index);
  return range | (number & 0xff00U) << 8U | (number & 0xffU);
}

bool is_probe_service(const ServiceKey& key, std::uint32_t flags, bool owned) {
  return owned && key.firewall_mark != 0 && (flags & kFlagProbePath) != 0;
}

bool is_in_path(const PlannedServiceHeader& header) {
  return header.health && header.health->check.target == CheckTarget::kInPath;
}

bool wants_paths(const NodePlan& plan) {
  return std::any_of(plan.services.begin(), plan.services.end(),
                     [](const auto& entry) { return is_in_path(entry.second->header); });
}

bool touches_paths(const NodePlan& plan, const std::set<ServiceKey>& services) {
  return std::any_of(services.begin(), services.end(), [&](const ServiceKey& key) {
    const auto at = plan.services.find(key);
    return at != plan.services.end() && is_in_path(at->second->header);
  });
}

RealisedPaths realise_paths(const NodePlan& plan, const ObservedNetwork& network,
                            const ObservedPaths& observed, std::uint32_t range) {
  RealisedPaths result;
  Marks marks(observed, range);
  for (const IpAddress& server : servers_in_path(plan)) {
    const auto problem = [&](std::string reason, const std::string& message) {
      result.problems.push_back({"check of " + server.to_string(), std::move(reason), message});
    };
    const ObservedAddress* source = own_address_near(server, network);
    if (source == nullptr) {
      problem("NoPathForCheck",
              "this node has no address on the network of " + server.to_string() +
                  ", so no check with target InPath can go to it; give the node one, or write "
                  "target: RealServer");
      continue;
    }
    const std::uint32_t mark = marks.of(server);
    if (mark == 0) {
      problem("NoMarkForCheck", "all 65536 firewall marks of checks are taken");
      continue;
    }
    result.desired.paths[server] = {mark, source->address};
    if (server.family() == Family::kV4) result.desired.ingress[server] = source->interface;
  }
  return result;
}

PathChange diff_paths(const DesiredPaths& desired, const ObservedPaths& observed,
                      const SavedAcceptLocal& saved) {
  PathChange change{{}, saved};
  diff_services(desired, observed, change.operations);
  diff_accept_local(desired, observed, change);
  return change;
}

ProbePaths ready_paths(const DesiredPaths& desired, const ObservedPaths& observed) {
  ProbePaths ready = desired.paths;
  std::erase_if(ready, [&](const auto& entry) {
    const IpAddress& server = entry.first;
    const ProbePath& path = entry.second;
    const auto ingress = desired.ingress.find(server);
    if (ingress != desired.ingress.end() && !accepts(observed, ingress->second)) return true;
    const ServiceKey key = service_key(path.mark, server.family());
    return std::none_of(observed.services.begin(), observed.services.end(),
                        [&](const ObservedService& present) {
                          return present.key == key && serves(present, server);
                        });
  });
  return ready;
}

}  // namespace lvs
