#include "agent/health_desk.h"

#include "core/format.h"
#include "core/probe_path.h"
#include "telemetry/log.h"

namespace lvs {
namespace {

const PlannedService* find(const NodePlan& plan, const ServiceKey& key) {
  const auto at = plan.services.find(key);
  return at == plan.services.end() ? nullptr : at->second.get();
}

void log_changes(const ServiceKey& service, const PoolHealth& before, const PoolHealth& after) {
  for (const auto& [address, opinion] : after) {
    const auto old = before.find(address);
    if (old != before.end() && old->second.state == opinion.state) continue;
    if (opinion.state == HealthState::kHealthy) {
      log_info("real server is healthy",
               {{"service", to_string(service)}, {"server", address.to_string()}});
    } else if (opinion.state == HealthState::kUnhealthy) {
      log_warning(
          "real server is unhealthy",
          {{"service", to_string(service)}, {"server", address.to_string()}, {"why", opinion.why}});
    }
  }
}

ProblemReport fail_open(const ServiceKey& key, const PlannedService& planned) {
  return {to_string(key), "PoolFailOpen",
          "more than " + std::to_string(planned.header.health->fail_open_percent) +
              " % of the pool look dead, so the check is taken to be wrong and the whole pool gets "
              "connections; see whether the servers answer the check, or correct healthCheck of " +
              planned.header.virtual_service.ns + "/" + planned.header.virtual_service.name};
}

}  // namespace

void HealthDesk::follow(const NodePlan& plan, const std::set<ServiceKey>& changed) {
  for (const ServiceKey& key : changed) follow_one(key, find(plan, key));
}

void HealthDesk::follow_all(const NodePlan& plan) {
  for (const auto& [key, planned] : plan.services) follow_one(key, planned.get());
}

void HealthDesk::follow_one(const ServiceKey& key, const PlannedService* planned) {
  if (port_ == nullptr) return;
  if (planned == nullptr || !planned->header.health || planned->destinations.empty()) {
    if (pools_.contains(key)) forget(key);
    return;
  }
  judge(key, *planned, pools_[key]);
  port_->watch(key, checks_of(key, *planned));
}

std::set<CheckedServer> HealthDesk::checks_of(const ServiceKey& key,
                                              const PlannedService& planned) const {
  std::set<CheckedServer> checks;
  for (const PlannedDestination& destination : planned.destinations) {
    auto check = check_of(key, planned.header, destination.key, paths_);
    if (check) checks.insert(std::move(*check));
  }
  return checks;
}

void HealthDesk::use_paths(const NodePlan& plan, const ProbePaths& paths) {
  paths_ = paths;
  for (const auto& [key, planned] : plan.services) {
    if (is_in_path(planned->header)) follow_one(key, planned.get());
  }
}

void HealthDesk::forget(const ServiceKey& key) {
  pools_.erase(key);
  unhealthy_.erase(key);
  fail_open_.erase(key);
  port_->watch(key, {});
}

bool HealthDesk::hear(const NodePlan& plan, PoolHealthHeard heard) {
  const auto pool = pools_.find(heard.service);
  const PlannedService* planned = find(plan, heard.service);
  if (pool == pools_.end() || planned == nullptr || pool->second == heard.health) return false;
  log_changes(heard.service, pool->second, heard.health);
  pool->second = std::move(heard.health);
  judge(heard.service, *planned, pool->second);
  return true;
}

void HealthDesk::judge(const ServiceKey& key, const PlannedService& planned,
                       const PoolHealth& pool) {
  std::vector<UnhealthyServer> unhealthy;
  for (const auto& [address, opinion] : pool) {
    if (opinion.state != HealthState::kUnhealthy) continue;
    unhealthy.push_back({key, address, opinion.why});
  }
  if (unhealthy.empty()) {
    unhealthy_.erase(key);
  } else {
    unhealthy_[key] = std::move(unhealthy);
  }
  if (judge_pool(planned, pool).fail_open) {
    fail_open_[key] = fail_open(key, planned);
  } else {
    fail_open_.erase(key);
  }
}

PoolVerdict HealthDesk::verdict(const ServiceKey& key, const PlannedService& planned) const {
  const auto pool = pools_.find(key);
  return pool == pools_.end() ? PoolVerdict{} : judge_pool(planned, pool->second);
}

std::vector<UnhealthyServer> HealthDesk::unhealthy() const {
  std::vector<UnhealthyServer> all;
  for (const auto& [key, servers] : unhealthy_) {
    all.insert(all.end(), servers.begin(), servers.end());
  }
  return all;
}

std::vector<ProblemReport> HealthDesk::problems() const {
  std::vector<ProblemReport> all;
  for (const auto& [key, problem] : fail_open_) all.push_back(problem);
  return all;
}

HealthDesk::Counts HealthDesk::counts() const {
  Counts counts{0, 0, fail_open_.size()};
  for (const auto& [key, pool] : pools_) counts.checked += pool.size();
  for (const auto& [key, servers] : unhealthy_) counts.unhealthy += servers.size();
  return counts;
}

}  // namespace lvs
