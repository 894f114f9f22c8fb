#include <algorithm>

#include "operator/status/build_status.h"
#include "operator/status/conditions.h"
#include "operator/status/health_status.h"

namespace lvs {
namespace {

bool contains(const std::vector<IpAddress>& addresses, const IpAddress& address) {
  return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
}

// VIPs that the server's node must accept: what its plan says.
std::vector<IpAddress> planned_vips(const StatusSources& sources, const RealServer& server,
                                    const HashedPlan& plan) {
  std::set<IpAddress> vips;
  for (const auto& key : sources.planner.virtual_services_of(server.meta.key)) {
    const auto service = sources.cluster.virtual_services.find(key);
    if (service == sources.cluster.virtual_services.end()) continue;
    for (const auto& vip : service->second->spec.vips) {
      if (plan.plan().backends.contains(vip)) vips.insert(vip);
    }
  }
  return {vips.begin(), vips.end()};
}

std::vector<std::string> texts_of(const std::vector<IpAddress>& addresses) {
  std::vector<std::string> texts;
  texts.reserve(addresses.size());
  for (const auto& address : addresses) texts.push_back(address.to_string());
  return texts;
}

// Prepared is the interface of one address of the node.
Verdict prepared_at(const BackendReport& backend, const std::string& node,
                    const std::vector<IpAddress>& addresses) {
  const auto& at = backend.server_address;
  if (at && contains(addresses, *at)) {
    return yes("Prepared", "VIP and ARP settings were read back on " + node + " as they should be");
  }
  return no("Preparing", node + ": " + backend.vip.to_string() + " is not prepared for " +
                             enumerate(texts_of(addresses)) + " yet" +
                             (at ? ", but for " + at->to_string() +
                                       "; of several RealServers of a node the oldest counts"
                                 : ""));
}

Verdict prepared_for(const std::vector<IpAddress>& vips, const std::string& node,
                     const NodeStatus& report, const std::vector<IpAddress>& addresses) {
  for (const auto& vip : vips) {
    const auto found = std::find_if(report.backends.begin(), report.backends.end(),
                                    [&](const auto& backend) { return backend.vip == vip; });
    if (found == report.backends.end()) {
      return no("Preparing", "waiting for " + node + " to prepare " + vip.to_string());
    }
    if (!found->prepared) {
      const auto reason = found->reason.empty() ? "Preparing" : found->reason;
      return no(reason, node + ": " + vip.to_string() + ": " + found->message);
    }
    if (auto verdict = prepared_at(*found, node, addresses); verdict.status != "True") {
      return verdict;
    }
  }
  return yes("Prepared", "VIP and ARP settings were read back on " + node + " as they should be");
}

Verdict prepared(const StatusSources& sources, const RealServer& server) {
  const auto& node = server.spec.node_name;
  if (node.empty()) {
    return unknown(
        "NotManaged",
        "there is no spec.nodeName, so the machine prepares itself and nothing checks it");
  }
  const auto* plan = plan_of(sources, node);
  const auto vips =
      plan == nullptr ? std::vector<IpAddress>{} : planned_vips(sources, server, *plan);
  if (vips.empty()) return yes("NothingToPrepare", "no VirtualService needs its VIP on " + node);
  const auto* report = report_of(sources, node);
  if (report == nullptr || sources.cluster.unreachable.contains(node)) {
    return unknown("AgentUnreachable", "no agent answers on " + node +
                                           "; see whether lvs-agent runs there" +
                                           remarks_on(sources, node));
  }
  auto verdict = prepared_for(vips, node, *report, addresses_of(sources, server));
  if (verdict.status != "True") verdict.message += remarks_on(sources, node);
  return verdict;
}

// Directors that would send to the server, and cannot.
std::vector<std::string> directors_off_link(const StatusSources& sources,
                                            const std::vector<IpAddress>& addresses) {
  std::vector<std::string> names;
  for (const auto& [node, report] : sources.cluster.reports) {
    const auto& off_link = report->off_link;
    const bool named = std::any_of(addresses.begin(), addresses.end(), [&](const auto& address) {
      return std::binary_search(off_link.begin(), off_link.end(), address);
    });
    if (named) names.push_back(node);
  }
  return names;
}

// The planner knows only what the cluster is, the directors also where the server is.
Verdict accepted_by_all(const StatusSources& sources, const RealServer& server,
                        const Diagnostics& diagnostics) {
  if (has_error(diagnostics)) return accepted(diagnostics);
  const auto directors = directors_off_link(sources, addresses_of(sources, server));
  if (directors.empty()) return accepted(diagnostics);
  return no("RealServerNotOnLink",
            std::string(server.spec.address ? "spec.address" : "spec.nodeName") + ": " +
                enumerate(directors) +
                " reaches it through a gateway or not at all, and direct routing needs one "
                "segment: it gets no new connections from there; put it on the director's network, "
                "correct the address, or set spec.forwarding of its VirtualServices to Tunnel");
}

// What is left of a drained server's connections; nothing: nobody counts them.
std::optional<ConnectionsLeft> left_on(const StatusSources& sources, const VirtualService& service,
                                       const PortSpec& port, const RealServer& server) {
  std::optional<ConnectionsLeft> left;
  const auto addresses = addresses_of(sources, server);
  for (const IpAddress& vip : service.spec.vips) {
    const ServiceKey key{vip, port.protocol, port.port, 0};
    for (const NodeStatus* report : who_decides(sources, vip)) {
      if (!left) left.emplace();
      for (const LingeringDestination& each : report->draining) {
        if (each.service != key || !contains(addresses, each.key.address)) continue;
        left->active += each.connections.active;
        left->inactive += each.connections.inactive;
      }
    }
  }
  return left;
}

struct Served {
  ServedService service;
  ServerState state = ServerState::kServing;
};

std::vector<Served> served_services(const StatusSources& sources, const RealServer& server) {
  std::vector<Served> all;
  for (const auto& key : sources.planner.virtual_services_of(server.meta.key)) {
    const auto found = sources.cluster.virtual_services.find(key);
    if (found == sources.cluster.virtual_services.end()) continue;
    const auto& service = *found->second;
    for (const auto& port : service.spec.ports) {
      Served served;
      served.state = server_state(sources, service, port, server);
      served.service.virtual_service = key.name;
      served.service.port = port.port;
      served.service.protocol = port.protocol;
      served.service.state = to_string(served.state);
      served.service.health = health_text(sources, service, port, server);
      if (served.state == ServerState::kDraining) {
        served.service.left = left_on(sources, service, port, server);
      }
      served.service.weight = served.state == ServerState::kServing ? server.spec.weight : 0;
      all.push_back(std::move(served));
    }
  }
  return all;
}

void write_texts(const StatusSources& sources, const RealServer& object,
                 const std::vector<Served>& served, RealServerStatus& status) {
  std::vector<std::string> names;
  ServerState worst = ServerState::kServing;
  for (const auto& entry : served) {
    names.push_back(entry.service.virtual_service + ":" + std::to_string(entry.service.port));
    worst = std::max(worst, entry.state);
    if (const auto& left = entry.service.left) {
      status.active = status.active.value_or(0) + left->active;
    }
  }
  status.address_text = join(texts_of(addresses_of(sources, object)));
  status.services_text = join(names);
  status.state_text = served.empty() ? "Unused" : to_string(worst);
}

}  // namespace

RealServerStatus build_status(const StatusSources& sources, const RealServer& object,
                              const RealServerStatus* before) {
  const auto diagnostics = sources.planner.diagnostics_of(Kind::kRealServer, object.meta.key);
  const auto* old = before == nullptr ? nullptr : &before->conditions;
  const auto generation = object.meta.generation;

  RealServerStatus status;
  status.observed_generation = generation;
  auto served = served_services(sources, object);
  write_texts(sources, object, served, status);
  for (auto& entry : served) status.services.push_back(std::move(entry.service));
  const auto verdict = has_error(diagnostics)
                           ? no("NotAccepted", "nothing is prepared; see the condition Accepted")
                           : prepared(sources, object);
  status.conditions.push_back(make_condition(
      "Accepted", accepted_by_all(sources, object, diagnostics), generation, old, sources.now));
  status.conditions.push_back(make_condition("Prepared", verdict, generation, old, sources.now));
  if (auto health = healthy(sources, object)) {
    status.conditions.push_back(
        make_condition("Healthy", std::move(*health), generation, old, sources.now));
  }
  return status;
}

}  // namespace lvs
