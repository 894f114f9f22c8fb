#include "core/health/pool.h"

namespace lvs {
namespace {

bool is_in_pool(const PlannedDestination& destination) {
  return destination.config.weight > 0 && destination.admission != Admission::kHold;
}

}  // namespace

PoolVerdict judge_pool(const PlannedService& planned, const PoolHealth& health) {
  PoolVerdict verdict;
  if (!planned.header.health_check) return verdict;
  std::size_t pool = 0;
  std::size_t dead = 0;
  for (const PlannedDestination& destination : planned.destinations) {
    const auto at = health.find(destination.key);
    const HealthState state = at == health.end() ? HealthState::kUnknown : at->second.state;
    const bool unhealthy = state == HealthState::kUnhealthy;
    if (unhealthy) verdict.out.insert(destination.key);
    if (state == HealthState::kUnknown) verdict.unknown.insert(destination.key);
    if (!is_in_pool(destination)) continue;
    ++pool;
    if (unhealthy) ++dead;
  }
  const auto limit = static_cast<std::size_t>(planned.header.fail_open_percent);
  verdict.fail_open = dead * 100 > pool * limit;
  if (verdict.fail_open) verdict.out.clear();
  return verdict;
}

std::optional<CheckedServer> check_of(const PlannedServiceHeader& header,
                                      const DestinationKey& destination) {
  if (!header.health_check) return std::nullopt;
  return CheckedServer{destination.address, header.health_check->port.value_or(destination.port),
                       *header.health_check};
}

}  // namespace lvs
