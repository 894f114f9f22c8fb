// The operator's metrics; docs/metrics.md lists them.
#pragma once

#include <string>

#include "core/snapshot.h"
#include "operator/events.h"
#include "telemetry/metrics.h"

namespace lvs {

class OperatorMetrics {
 public:
  explicit OperatorMetrics(MetricsRegistry& registry);

  // The term that goes with every plan from now on.
  void leads(std::uint64_t term);
  void objects(const ClusterSnapshot& snapshot);
  void planned(Duration took, std::size_t edits);
  void pushed(const PushDone& done);
  // Of a node that is gone, forget_node().
  void agent_reachable(const std::string& node, bool reachable);
  void forget_node(const std::string& node);
  void source_trouble(const std::string& source, bool trouble);
  void source_problems(const std::string& source, std::size_t count);
  void held_deletions(std::size_t count);
  // So many objects of the kind have an error or a warning.
  void diagnosed(Kind kind, std::size_t count);
  // Any thread.
  void api_request(std::string_view verb, int code, Duration took);
  void status_written(bool success);

 private:
  MetricFamily<Gauge>& term_;
  MetricFamily<Gauge>& objects_;
  MetricFamily<Counter>& plans_;
  MetricFamily<Counter>& edits_;
  MetricFamily<Histogram>& planning_;
  MetricFamily<Counter>& pushes_;
  MetricFamily<Counter>& push_bytes_;
  MetricFamily<Histogram>& push_seconds_;
  MetricFamily<Gauge>& reachable_;
  MetricFamily<Gauge>& trouble_;
  MetricFamily<Gauge>& problems_;
  MetricFamily<Gauge>& held_;
  MetricFamily<Gauge>& diagnosed_;
  MetricFamily<Counter>& api_requests_;
  MetricFamily<Histogram>& api_seconds_;
  MetricFamily<Counter>& status_writes_;
};

}  // namespace lvs
