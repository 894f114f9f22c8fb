// What the agent counts of the election: VIPs that move, heartbeats, the other directors as they
// are heard.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/election/heartbeat_port.h"
#include "agent/election_report.h"
#include "telemetry/metrics.h"

namespace lvs {

// Threads: the agent loop.
class ElectionMetrics {
 public:
  explicit ElectionMetrics(MetricsRegistry& registry);

  // Totals since the start.
  void moves(const ElectionReport::Moves& moves);
  void heartbeats(const HeartbeatStats& stats);
  void directors(const std::vector<DirectorView>& directors);

 private:
  void forget(const std::string& node);

  MetricFamily<Counter>& taken_;
  MetricFamily<Counter>& released_;
  Counter& sent_;
  Counter& received_;
  MetricFamily<Counter>& troubles_;
  MetricFamily<Gauge>& alive_;
  MetricFamily<Gauge>& round_trip_;
  MetricFamily<Counter>& received_from_;
  MetricFamily<Counter>& lost_from_;
  std::vector<std::string> known_;
};

}  // namespace lvs
