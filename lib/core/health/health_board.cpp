#include "core/health/health_board.h"

#include <algorithm>
#include <functional>

#include "core/health/in_path.h"

namespace lvs {
namespace {

// The same place in the interval on every start, different from machine to machine.
Duration first_delay(const CheckedServer& server) {
  const std::uint64_t place =
      (std::hash<IpAddress>{}(server.address) + server.port) * 0x9e3779b97f4a7c15ULL >> 32U;
  const auto interval =
      static_cast<std::uint64_t>(std::max<Duration::rep>(server.check.interval.count(), 1));
  return Duration{static_cast<Duration::rep>(place % interval)};
}

}  // namespace

void HealthBoard::watch(const ServiceKey& service, std::set<CheckedServer> servers, TimePoint now) {
  std::set<CheckedServer> before;
  if (const auto at = services_.find(service); at != services_.end()) before.swap(at->second);
  for (const CheckedServer& server : servers) {
    if (!before.contains(server)) join(service, server, now);
  }
  for (const CheckedServer& server : before) {
    if (!servers.contains(server)) leave(service, server);
  }
  if (servers.empty()) {
    services_.erase(service);
  } else {
    services_[service] = std::move(servers);
  }
}

void HealthBoard::join(const ServiceKey& service, const CheckedServer& server, TimePoint now) {
  const auto [at, added] = checks_.try_emplace(
      server, Check{ServerHealth(server.check.rise, server.check.fall), {}, {}, {}, false, {}});
  at->second.users.insert(service);
  if (!added) return;
  at->second.due = now + first_delay(server);
  queue_.emplace(at->second.due, &at->first);
}

void HealthBoard::leave(const ServiceKey& service, const CheckedServer& server) {
  const auto at = checks_.find(server);
  at->second.users.erase(service);
  if (!at->second.users.empty()) return;
  queue_.erase({at->second.due, &at->first});
  checks_.erase(at);
}

std::vector<DueCheck> HealthBoard::take_due(TimePoint now, std::size_t most) {
  std::vector<DueCheck> due;
  while (due.size() < most && !queue_.empty() && queue_.begin()->first <= now) {
    const CheckedServer& server = *queue_.begin()->second;
    queue_.erase(queue_.begin());
    Check& check = checks_.at(server);
    check.running = true;
    check.began = now;
    due.push_back({server, check.due});
    check.due += server.check.interval;
    if (check.due <= now) check.due = now + server.check.interval;
  }
  return due;
}

std::optional<TimePoint> HealthBoard::next_due() const {
  if (queue_.empty()) return std::nullopt;
  return queue_.begin()->first;
}

std::vector<ServiceKey> HealthBoard::record(const CheckedServer& server, const ProbeResult& result,
                                            TimePoint now) {
  const auto at = checks_.find(server);
  if (at == checks_.end() || !at->second.running) return {};
  Check& check = at->second;
  check.running = false;
  ProbeResult told = result;
  if (result.healthy) check.own.reset();
  if (!result.healthy && server.route) told.why = explain_in_path(server, result, check.own);
  const bool changed = check.health.record(told, now);
  if (server.check.fast_interval && check.health.is_in_transition()) {
    check.due = std::min(check.due, std::max(now, check.began + *server.check.fast_interval));
  }
  queue_.emplace(check.due, &at->first);
  if (!changed) return {};
  return {check.users.begin(), check.users.end()};
}

void HealthBoard::record_own(const CheckedServer& server, const ProbeResult& result) {
  const auto at = checks_.find(server);
  if (at != checks_.end()) at->second.own = result;
}

PoolHealth HealthBoard::health_of(const ServiceKey& service) const {
  PoolHealth pool;
  const auto servers = services_.find(service);
  if (servers == services_.end()) return pool;
  for (const CheckedServer& server : servers->second) {
    const ServerHealth& health = checks_.at(server).health;
    const bool unhealthy = health.state() == HealthState::kUnhealthy;
    pool[server.address] = {health.state(), unhealthy ? health.why() : std::string()};
  }
  return pool;
}

}  // namespace lvs
