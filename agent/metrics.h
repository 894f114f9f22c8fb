// What the agent counts, by its names on the page /metrics (docs/metrics.md).
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>

#include "agent/kernel/kernel.h"
#include "agent/metrics_election.h"
#include "agent/metrics_health.h"
#include "base/clock.h"
#include "core/report.h"
#include "telemetry/metrics.h"

namespace lvs {

// Threads: the agent loop, except connection_refused(), which any thread may call.
class AgentMetrics {
 public:
  explicit AgentMetrics(MetricsRegistry& registry);

  // One batch that went to the kernel, and what became of it.
  void applied(std::span<const Operation> operations, const ApplyReport& report);
  void services_read(std::size_t destinations);
  void drift_found(std::size_t operations);
  void drift_repaired(std::size_t operations);
  // The writes that bringing the kernel in line at start took.
  void start_writes(std::size_t operations);

  void plan_stored(const ContentHash& hash, WallTime when);
  void plan_followed(Duration since_arrival);
  // Everything of the stored plan was tried.
  void kernel_follows(bool follows);
  // Nothing: no other director is to know this one's connections.
  void connections_synced(std::optional<bool> synced);
  void tables(std::size_t services, std::size_t destinations);
  void status(const NodeStatus& status);
  void connection_refused();
  [[nodiscard]] ElectionMetrics& election() { return election_; }
  [[nodiscard]] HealthMetrics& health() { return health_; }

 private:
  void vips(const NodeStatus& status);
  void tell_vip(const VipReport& vip, const MetricLabels& label);
  void forget_vip(const std::string& address, const MetricLabels& label);

  MetricFamily<Counter>& operations_;
  Counter& batches_;
  MetricFamily<Counter>& errors_;
  Counter& destinations_read_;
  Counter& drift_found_;
  Counter& drift_repaired_;
  Gauge& start_writes_;
  MetricFamily<Gauge>& plan_info_;
  Gauge& plan_stored_;
  Histogram& plan_followed_;
  MetricFamily<Gauge>& kernel_follows_;
  MetricFamily<Gauge>& synced_;
  Gauge& services_;
  Gauge& destinations_;
  MetricFamily<Gauge>& vip_holder_;
  MetricFamily<Gauge>& vip_term_;
  MetricFamily<Gauge>& vip_since_;
  MetricFamily<Gauge>& vip_concern_;
  MetricFamily<Gauge>& problems_;
  Gauge& backends_prepared_;
  Gauge& lingering_;
  Counter& refused_;
  ElectionMetrics election_;
  HealthMetrics health_;
  std::string plan_hash_;
  std::map<std::string, MetricLabels> vip_series_;
  std::map<std::string, MetricLabels> concern_series_;  // by VIP
  std::map<std::string, double> problem_series_;
};

// "new_service", "set_destination", ...
[[nodiscard]] const char* kind_name(const Operation& operation);

}  // namespace lvs
