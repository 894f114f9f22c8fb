#include "core/health/pool.h"

namespace lvs {
namespace {

bool is_in_pool(const PlannedDestination& destination) {
  return destination.config.weight > 0 && !is_kept_out(destination.admission);
}

}  // namespace

PoolVerdict judge_pool(const PlannedService& planned, const PoolHealth& health) {
  PoolVerdict verdict;
  if (!planned.header.health) return verdict;
  std::size_t pool = 0;
  std::size_t dead = 0;
  for (const PlannedDestination& destination : planned.destinations) {
    const auto at = health.find(destination.key.address);
    if (destination.admission == Admission::kForceUp) {
      if (is_in_pool(destination)) ++pool;
      continue;
    }
    const HealthState state = at == health.end() ? HealthState::kUnknown : at->second.state;
    const bool unhealthy = state == HealthState::kUnhealthy;
    if (unhealthy) verdict.out.insert(destination.key);
    if (state == HealthState::kUnknown) verdict.unknown.insert(destination.key);
    if (!is_in_pool(destination)) continue;
    ++pool;
    if (unhealthy) ++dead;
  }
  const auto limit = static_cast<std::size_t>(planned.header.health->fail_open_percent);
  verdict.fail_open = dead * 100 > pool * limit;
  if (verdict.fail_open) verdict.out.clear();
  verdict.cut = planned.header.health->on_failure == OnFailure::kRemove;
  return verdict;
}

std::map<ServiceKey, PoolHealth> pools_of(const NodePlan& plan,
                                          const std::vector<UnhealthyServer>& unhealthy) {
  std::map<ServiceKey, PoolHealth> pools;
  for (const auto& [key, planned] : plan.services) {
    if (!planned->header.health) continue;
    PoolHealth& pool = pools[key];
    for (const PlannedDestination& destination : planned->destinations) {
      pool[destination.key.address] = {HealthState::kHealthy, ""};
    }
  }
  for (const UnhealthyServer& each : unhealthy) {
    const auto pool = pools.find(each.service);
    if (pool != pools.end()) pool->second[each.server] = {HealthState::kUnhealthy, each.why};
  }
  return pools;
}

std::optional<CheckedServer> check_of(const ServiceKey& service, const PlannedServiceHeader& header,
                                      const DestinationKey& destination, const ProbePaths& paths) {
  if (!header.health) return std::nullopt;
  const HealthCheckSpec& check = header.health->check;
  const bool of_machine = std::holds_alternative<IcmpCheck>(check.kind);
  const auto port = of_machine ? std::uint16_t{0} : check.port.value_or(destination.port);
  if (check.target == CheckTarget::kRealServer) {
    return CheckedServer{destination.address, port, check};
  }
  const auto path = paths.find(destination.address);
  if (path == paths.end()) return std::nullopt;
  return CheckedServer{destination.address, port, check,
                       InPathRoute{service.address, path->second}};
}

}  // namespace lvs
