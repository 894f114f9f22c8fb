#include "agent/metrics_health.h"

namespace lvs {
namespace {

double in_seconds(Duration duration) { return static_cast<double>(duration.count()) / 1000.0; }

}  // namespace

HealthMetrics::HealthMetrics(MetricsRegistry& registry)
    : probes_(registry.counters("lvs_agent_health_probes_total",
                                "Probes of real servers, by the check's type and result")),
      seconds_(registry.histograms("lvs_agent_health_probe_seconds",
                                   "Time of probes, those without an answer included",
                                   {0.001, 0.005, 0.025, 0.1, 0.5, 1, 5})),
      late_(registry
                .histograms("lvs_agent_health_probe_late_seconds",
                            "How long after their time probes were begun",
                            {0.001, 0.005, 0.025, 0.1, 0.5, 1})
                .with()),
      checked_(registry
                   .gauges("lvs_agent_health_servers",
                           "Real servers that are checked, counted once for each service")
                   .with()),
      unhealthy_(
          registry
              .gauges("lvs_agent_health_servers_unhealthy", "Of these, those that are unhealthy")
              .with()),
      fail_open_(registry
                     .gauges("lvs_agent_health_pools_fail_open",
                             "Services whose pool is kept although most of it looks dead")
                     .with()) {}

void HealthMetrics::probed(const CheckedServer& server, const ProbeResult& result, Duration late) {
  const std::string type(type_of(server.check.kind));
  probes_.with({{"type", type}, {"result", result.healthy ? "healthy" : "unhealthy"}}).add();
  seconds_.with({{"type", type}}).observe(in_seconds(result.took));
  late_.observe(in_seconds(late));
}

void HealthMetrics::counts(const HealthDesk::Counts& counts) {
  checked_.set(static_cast<double>(counts.checked));
  unhealthy_.set(static_cast<double>(counts.unhealthy));
  fail_open_.set(static_cast<double>(counts.fail_open));
}

}  // namespace lvs
