#include "core/planner_pool.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <tuple>

namespace lvs::planning {
namespace {

std::uint32_t flag_bits(const SchedulerSpec& scheduler) {
  std::uint32_t bits = 0;
  for (const auto& flag : scheduler_flags()) {
    const auto& names = scheduler.flags;
    if (std::find(names.begin(), names.end(), flag.name) != names.end()) bits |= flag.bit;
  }
  return bits;
}

bool has_both_families(const std::vector<IpAddress>& vips) {
  return std::any_of(vips.begin(), vips.end(), [&vips](const IpAddress& vip) {
    return vip.family() != vips.front().family();
  });
}

ServiceConfig service_config(const VirtualServiceSpec& spec, Family family) {
  ServiceConfig config;
  config.scheduler = spec.scheduler.name;
  config.flags = flag_bits(spec.scheduler);
  if (!spec.persistence) return config;
  config.flags |= kFlagPersistent;
  config.persistence_seconds = static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::seconds>(spec.persistence->timeout).count());
  // In a service with both families the prefix counts for IPv4 clients only (the schema says so).
  const bool counts = family == Family::kV4 || !has_both_families(spec.vips);
  config.persistence_prefix = counts
                                  ? spec.persistence->prefix_length.value_or(address_bits(family))
                                  : address_bits(family);
  return config;
}

PlannedDestination destination_of(const PoolEntry& entry, ForwardingMethod forwarding,
                                  std::uint16_t port) {
  const RealServerSpec& spec = entry.server->object->spec;
  return {{entry.address, port},
          {forwarding, spec.weight, spec.max_connections, spec.min_connections},
          entry.admission};
}

std::optional<PlannedHealth> planned_health(const VirtualServiceSpec& spec, const PortSpec& port) {
  const auto& check = port.health_check ? port.health_check : spec.health_check;
  if (!check) return std::nullopt;
  return PlannedHealth{*check, spec.fail_open_percent, spec.on_failure};
}

std::optional<PlannedSorryServer> planned_sorry(const VirtualServiceSpec& spec, Family family,
                                                const PortSpec& port) {
  if (!spec.sorry_server || spec.sorry_server->address.family() != family) return std::nullopt;
  const SorryServerSpec& sorry = *spec.sorry_server;
  const ForwardingMethod forwarding = sorry.forwarding.value_or(spec.forwarding);
  const bool translates = forwarding == ForwardingMethod::kMasquerade;
  const std::uint16_t there = sorry.port.value_or(port.target_port.value_or(port.port));
  return PlannedSorryServer{{sorry.address, translates ? there : port.port}, forwarding};
}

}  // namespace

bool is_older(const ObjectMeta& a, const ObjectMeta& b) {
  return std::tie(a.created, a.key) < std::tie(b.created, b.key);
}

bool OlderFirst::operator()(const ServiceRecord* a, const ServiceRecord* b) const {
  return is_older(a->object->meta, b->object->meta);
}

const BackendReport* find_backend(const NodeStatus& report, const IpAddress& vip) {
  const auto at = std::lower_bound(
      report.backends.begin(), report.backends.end(), vip,
      [](const BackendReport& backend, const IpAddress& wanted) { return backend.vip < wanted; });
  return at == report.backends.end() || at->vip != vip ? nullptr : &*at;
}

std::optional<IpAddress> address_of(const ServerRecord& server, Family family) {
  if (server.node != nullptr && server.node->object == nullptr) return std::nullopt;
  if (const auto& address = server.object->spec.address) {
    return address->family() == family ? address : std::nullopt;
  }
  return server.node == nullptr ? std::nullopt : server.node->object->internal_ip(family);
}

bool is_prepared_by_agent(const ServerRecord& server, ForwardingMethod forwarding) {
  return server.node != nullptr && forwarding != ForwardingMethod::kMasquerade;
}

namespace {

Admission readiness_of(const ServerRecord& server, const IpAddress& address, const IpAddress& vip,
                       ForwardingMethod forwarding) {
  if (!is_prepared_by_agent(server, forwarding)) return Admission::kAdmit;
  if (server.node->report == nullptr) return Admission::kKeep;
  const BackendReport* backend = find_backend(*server.node->report, vip);
  if (backend == nullptr || !backend->prepared) return Admission::kHold;
  // The node's own plan has lost the VIP: for which address it was prepared is not known.
  if (!backend->server_address) return Admission::kKeep;
  return *backend->server_address == address ? Admission::kAdmit : Admission::kHold;
}

}  // namespace

// Forced up means health: who is not prepared would drop what it gets.
Admission admission_of(const ServerRecord& server, const IpAddress& address, const IpAddress& vip,
                       ForwardingMethod forwarding) {
  if (server.object->spec.drain) return Admission::kDrain;
  if (server.forced && !server.forced->up) return Admission::kForceDown;
  const Admission ready = readiness_of(server, address, vip, forwarding);
  return server.forced && ready == Admission::kAdmit ? Admission::kForceUp : ready;
}

Pool make_pool(const ServiceRecord& service, const IpAddress& vip) {
  Pool pool;
  pool.reserve(service.selected.size());
  for (ServerRecord* server : service.selected) {
    const auto address = address_of(*server, vip.family());
    if (!address) continue;
    pool.push_back({*address, server,
                    admission_of(*server, *address, vip, service.object->spec.forwarding), true});
  }
  std::sort(pool.begin(), pool.end(), [](const PoolEntry& a, const PoolEntry& b) {
    if (a.address != b.address) return a.address < b.address;
    return is_older(a.server->object->meta, b.server->object->meta);
  });
  for (std::size_t i = 1; i < pool.size(); ++i) {
    pool[i].serves = pool[i].address != pool[i - 1].address;
  }
  return pool;
}

std::vector<std::pair<ServiceKey, PlannedService>> make_services(const VirtualService& service,
                                                                 const IpAddress& vip,
                                                                 const Pool& pool) {
  const VirtualServiceSpec& spec = service.spec;
  const PlannedServiceHeader header{service.meta.key, service_config(spec, vip.family()),
                                    spec.drain_timeout, spec.paused};
  std::vector<std::pair<ServiceKey, PlannedService>> services;
  for (const PortSpec& port : spec.ports) {
    PlannedService planned{header, {}};
    planned.header.health = planned_health(spec, port);
    planned.header.sorry = planned_sorry(spec, vip.family(), port);
    planned.destinations.reserve(pool.size());
    for (const PoolEntry& entry : pool) {
      if (!entry.serves) continue;
      planned.destinations.push_back(
          destination_of(entry, spec.forwarding, port.target_port.value_or(port.port)));
    }
    services.emplace_back(ServiceKey{vip, port.protocol, port.port, 0}, std::move(planned));
  }
  std::sort(services.begin(), services.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  return services;
}

bool operator<(const BackendClaim& a, const BackendClaim& b) {
  const std::less<> by_pointer;
  if (a.node != b.node) return by_pointer(a.node, b.node);
  if (a.vip != b.vip) return a.vip < b.vip;
  if (a.server != b.server) return by_pointer(a.server, b.server);
  return std::tie(a.created, a.backend.server_address, a.backend.forwarding) <
         std::tie(b.created, b.backend.server_address, b.backend.forwarding);
}

std::vector<BackendClaim> make_backend_claims(const ServiceRecord& service) {
  std::vector<BackendClaim> claims;
  if (!service.programmed) return claims;
  const ForwardingMethod forwarding = service.object->spec.forwarding;
  for (const auto& [vip, pool] : service.pools) {
    for (const PoolEntry& entry : pool) {
      if (!entry.serves || !is_prepared_by_agent(*entry.server, forwarding)) continue;
      claims.push_back({entry.server->node,
                        vip,
                        entry.server,
                        entry.server->object->meta.created,
                        {entry.address, forwarding}});
    }
  }
  std::sort(claims.begin(), claims.end());
  return claims;
}

}  // namespace lvs::planning
