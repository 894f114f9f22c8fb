#include "cli/explain_services.h"

#include <algorithm>

namespace lvs::cli {
namespace {

bool is_of(const ServerChoice& server, const IpAddress& address) {
  const auto& all = server.addresses;
  return std::find(all.begin(), all.end(), address) != all.end();
}

const PlannedDestination* planned_of(const PlannedService& service, const ServerChoice& server) {
  if (server.key && service.header.virtual_service.ns != server.key->ns) return nullptr;
  const auto& all = service.destinations;
  const auto found = std::find_if(
      all.begin(), all.end(), [&](const auto& each) { return is_of(server, each.key.address); });
  return found == all.end() ? nullptr : &*found;
}

const ObservedDestination* observed_of(const ObservedService* service, const ServerChoice& server) {
  if (service == nullptr) return nullptr;
  const auto& all = service->destinations;
  const auto found = std::find_if(
      all.begin(), all.end(), [&](const auto& each) { return is_of(server, each.key.address); });
  return found == all.end() ? nullptr : &*found;
}

bool is_of_another(const ServedKey& served, const ServerChoice& server) {
  return served.planned != nullptr && server.key &&
         served.planned->header.virtual_service.ns != server.key->ns;
}

// The director's verdict, from what it reports.
PoolVerdict verdict_on(const NodeState& director, const ServedKey& served) {
  PoolHealth pool;
  for (const auto& each : served.planned->destinations) {
    pool[each.key.address] = {HealthState::kHealthy, ""};
  }
  for (const auto& each : director.status.unhealthy) {
    if (each.service == served.service) {
      pool[each.server] = {HealthState::kUnhealthy, each.why};
    }
  }
  return judge_pool(*served.planned, pool);
}

// Without a plan only what the director itself says.
Standing standing_by_report(const NodeState& director, const ServiceKey& service,
                            const ObservedDestination& seen) {
  if (seen.config.weight > 0) return Standing::kServing;
  const auto& status = director.status;
  const auto leaving = [&](const auto& each) {
    return each.service == service && each.key == seen.key;
  };
  if (std::any_of(status.lingering.begin(), status.lingering.end(), leaving)) {
    return Standing::kLeaving;
  }
  const auto out = [&](const auto& each) {
    return each.service == service && each.server == seen.key.address;
  };
  if (std::any_of(status.unhealthy.begin(), status.unhealthy.end(), out)) return Standing::kDown;
  const auto& off_link = status.off_link;
  const bool off = std::find(off_link.begin(), off_link.end(), seen.key.address) != off_link.end();
  return off ? Standing::kNotOnLink : Standing::kUnknown;
}

Standing standing_on(const NodeState& director, const ServedKey& served,
                     const ObservedDestination* seen) {
  if (seen == nullptr) return Standing::kMissing;
  if (served.planned == nullptr) return standing_by_report(director, served.service, *seen);
  if (served.destination == nullptr) return Standing::kLeaving;
  const auto& off_link = director.status.off_link;
  return standing_of(*served.destination, seen->config.weight,
                     OffLinkServers(off_link.begin(), off_link.end()),
                     verdict_on(director, served));
}

ServerOnDirector row_of(const ClusterIndex& index, const std::string& node, const ServedKey& served,
                        const ServerChoice& server) {
  ServerOnDirector row;
  row.director = node;
  if (served.destination != nullptr) row.wanted = served.destination->config.weight;
  const NodeState* state = index.state_of(node);
  if (state == nullptr) {
    row.state = lvs::to_string(Standing::kUnknown);
    return row;
  }
  const auto holders = index.holders_of(served.service.address);
  const bool holds = std::find(holders.begin(), holders.end(), node) != holders.end();
  row.role = holds ? "holder" : "standby";
  const auto* seen = observed_of(index.service_on(node, served.service), server);
  row.state = lvs::to_string(standing_on(*state, served, seen));
  if (seen == nullptr) return row;
  row.kernel = seen->config.weight;
  row.active = seen->connections.active;
  row.inactive = seen->connections.inactive;
  return row;
}

}  // namespace

std::vector<ServedKey> services_of(const ClusterIndex& index, const ClusterAnswers& answers,
                                   const ServerChoice& server) {
  std::vector<ServedKey> all;
  for (const auto& key : index.services()) {
    ServedKey served{key, nullptr, nullptr};
    const auto planned = index.planned().find(key);
    if (planned != index.planned().end()) {
      served.planned = planned->second.get();
      served.destination = planned_of(*served.planned, server);
    }
    if (is_of_another(served, server)) continue;
    const bool seen = std::any_of(answers.nodes.begin(), answers.nodes.end(), [&](const auto& n) {
      return observed_of(index.service_on(n.node, key), server) != nullptr;
    });
    if (served.destination != nullptr || seen) all.push_back(served);
  }
  return all;
}

ExplainedService explain_service(const ClusterIndex& index, const ServedKey& served,
                                 const ServerChoice& server) {
  ExplainedService service{to_string(served.service), "", {}};
  if (served.planned != nullptr) {
    service.virtual_service = to_string(served.planned->header.virtual_service);
  }
  for (const auto& node : index.candidates_of(served.service.address)) {
    service.directors.push_back(row_of(index, node, served, server));
  }
  return service;
}

}  // namespace lvs::cli
