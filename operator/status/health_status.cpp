#include "operator/status/health_status.h"

#include <algorithm>

namespace lvs {
namespace {

bool holds(const NodeStatus& report, const IpAddress& vip) {
  return std::any_of(report.vips.begin(), report.vips.end(), [&](const VipReport& each) {
    return each.address == vip && each.holder && each.present;
  });
}

const UnhealthyServer* find(const NodeStatus& report, const ServiceKey& service,
                            const IpAddress& server) {
  const auto at =
      std::lower_bound(report.unhealthy.begin(), report.unhealthy.end(), std::tie(service, server),
                       [](const UnhealthyServer& each, const auto& key) {
                         return std::tie(each.service, each.server) < key;
                       });
  const bool found = at != report.unhealthy.end() && at->service == service && at->server == server;
  return found ? &*at : nullptr;
}

const HealthCheckSpec* check_of(const VirtualService& service, const PortSpec& port) {
  const auto& check = port.health_check ? port.health_check : service.spec.health_check;
  return check ? &*check : nullptr;
}

template <typename Each>
void for_each_checked(const VirtualService& service, Each each) {
  for (const IpAddress& vip : service.spec.vips) {
    for (const PortSpec& port : service.spec.ports) {
      if (check_of(service, port) != nullptr) each(ServiceKey{vip, port.protocol, port.port, 0});
    }
  }
}

const ProblemReport* find_fail_open(const NodeStatus& report, const ServiceKey& service) {
  const std::string object = to_string(service);
  const auto at = std::find_if(report.problems.begin(), report.problems.end(), [&](const auto& p) {
    return p.reason == kPoolFailOpen && p.object == object;
  });
  return at == report.problems.end() ? nullptr : &*at;
}

bool is_forced_up(const StatusSources& sources, const std::string& ns, const IpAddress& address) {
  const auto& forced = sources.cluster.forced;
  return std::any_of(forced.begin(), forced.end(), [&](const auto& entry) {
    const auto& [key, force] = entry;
    const auto server = sources.cluster.real_servers.find(key);
    if (!force.up || key.ns != ns || server == sources.cluster.real_servers.end()) return false;
    const auto addresses = addresses_of(sources, *server->second);
    return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
  });
}

Verdict verdict_of(const ForcedHealth& forced, const std::optional<Verdict>& checks) {
  std::string message = to_text(forced) + "; remove the annotation to end it";
  if (checks) message += "; its checks say: " + checks->message;
  return forced.up ? yes("ForcedUp", std::move(message)) : no("ForcedDown", std::move(message));
}

std::string sentence(const ServiceKey& service, const HealthFinding& finding) {
  return finding.director + ": " + to_string(service) + ": " + finding.why;
}

}  // namespace

std::vector<const NodeStatus*> who_decides(const StatusSources& sources, const IpAddress& vip) {
  std::vector<const NodeStatus*> all;
  for (const auto& name : sources.planner.candidates_of(vip)) {
    const auto* report = report_of(sources, name);
    if (report == nullptr || sources.cluster.unreachable.contains(name)) continue;
    if (holds(*report, vip)) return {report};
    all.push_back(report);
  }
  return all;
}

std::optional<HealthFinding> find_unhealthy(const StatusSources& sources, const ServiceKey& service,
                                            const IpAddress& server) {
  for (const NodeStatus* report : who_decides(sources, service.address)) {
    if (const auto* found = find(*report, service, server)) {
      return HealthFinding{report->node, found->why, find_fail_open(*report, service) != nullptr};
    }
  }
  return std::nullopt;
}

std::string health_text(const StatusSources& sources, const VirtualService& service,
                        const PortSpec& port, const RealServer& server) {
  if (check_of(service, port) == nullptr) return "Unknown";
  bool told = false;
  for (const IpAddress& vip : service.spec.vips) {
    told = told || !who_decides(sources, vip).empty();
    const ServiceKey key{vip, port.protocol, port.port, 0};
    for (const IpAddress& address : addresses_of(sources, server)) {
      if (find_unhealthy(sources, key, address)) return "Unhealthy";
    }
  }
  return told ? "Healthy" : "Unknown";
}

std::optional<Verdict> healthy(const StatusSources& sources, const VirtualService& service) {
  bool checked = false;
  std::optional<Verdict> open;
  std::vector<std::string> unhealthy;
  for_each_checked(service, [&](const ServiceKey& key) {
    checked = true;
    for (const NodeStatus* report : who_decides(sources, key.address)) {
      const ProblemReport* problem = find_fail_open(*report, key);
      if (problem != nullptr && !open) {
        open = no(kPoolFailOpen, report->node + ": " + problem->object + ": " + problem->message);
      }
      for (const UnhealthyServer& each : report->unhealthy) {
        const auto& ns = service.meta.key.ns;
        if (each.service == key && !is_forced_up(sources, ns, each.server))
          unhealthy.push_back(each.server.to_string() + " (" + each.why + ")");
      }
    }
  });
  if (!checked) return std::nullopt;
  if (open) return open;
  if (unhealthy.empty()) return yes("AllHealthy", "no server fails its check");
  return no("ServersUnhealthy", "get no new connections: " + enumerate(unhealthy));
}

namespace {

std::optional<Verdict> checks_of(const StatusSources& sources, const RealServer& server) {
  bool checked = false;
  std::optional<Verdict> unhealthy;
  const auto addresses = addresses_of(sources, server);
  for (const auto& key : sources.planner.virtual_services_of(server.meta.key)) {
    const auto service = sources.cluster.virtual_services.find(key);
    if (service == sources.cluster.virtual_services.end()) continue;
    for_each_checked(*service->second, [&](const ServiceKey& each) {
      checked = true;
      for (const IpAddress& address : addresses) {
        const auto finding = find_unhealthy(sources, each, address);
        if (!finding || unhealthy) continue;
        unhealthy = no("CheckFailed", sentence(each, *finding) +
                                          "; see whether the service runs there and answers its "
                                          "check on the server's own address");
      }
    });
  }
  if (!checked) return std::nullopt;
  if (unhealthy) return unhealthy;
  return yes("CheckPassed", "it passes the checks of its VirtualServices");
}

}  // namespace

std::optional<Verdict> healthy(const StatusSources& sources, const RealServer& server) {
  auto checks = checks_of(sources, server);
  const auto forced = sources.cluster.forced.find(server.meta.key);
  if (forced == sources.cluster.forced.end()) return checks;
  return verdict_of(forced->second, checks);
}

}  // namespace lvs
