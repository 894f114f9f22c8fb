// What the agent counts of its health checks.
#pragma once

#include "agent/health_desk.h"
#include "telemetry/metrics.h"

namespace lvs {

// Threads: probed() on the runner's, counts() on the agent loop's.
class HealthMetrics {
 public:
  explicit HealthMetrics(MetricsRegistry& registry);

  void probed(const CheckedServer& server, const ProbeResult& result, Duration late);
  void counts(const HealthDesk::Counts& counts);

 private:
  MetricFamily<Counter>& probes_;
  MetricFamily<Histogram>& seconds_;
  Histogram& late_;
  Gauge& checked_;
  Gauge& unhealthy_;
  Gauge& fail_open_;
};

}  // namespace lvs
