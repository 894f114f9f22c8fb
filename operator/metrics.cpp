#include "operator/metrics.h"

namespace lvs {
namespace {

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

OperatorMetrics::OperatorMetrics(MetricsRegistry& registry)
    : term_(registry.gauges("lvs_operator_term",
                            "Term that goes with every plan; 0: does not lead.")),
      objects_(registry.gauges("lvs_operator_objects", "Objects known, by kind.")),
      plans_(registry.counters("lvs_operator_plannings_total",
                               "Times that plans were brought up to date.")),
      edits_(registry.counters("lvs_operator_plan_edits_total", "Edits to plans of nodes.")),
      planning_(registry.histograms("lvs_operator_planning_seconds",
                                    "Time to bring the plans up to date.", latency_bounds())),
      pushes_(registry.counters("lvs_operator_pushes_total",
                                "Requests to agents, by kind (probe, put, patch) and result.")),
      push_bytes_(registry.counters("lvs_operator_push_bytes_total",
                                    "Bytes of plans and patches sent to agents.")),
      push_seconds_(registry.histograms("lvs_operator_push_seconds",
                                        "Time until an agent has stored what was sent.",
                                        latency_bounds())),
      reachable_(registry.gauges("lvs_operator_agent_reachable",
                                 "1 while the node's agent answers, else 0.")),
      trouble_(registry.gauges("lvs_operator_source_trouble",
                               "1 while what is known of this source may be old, else 0.")),
      problems_(registry.gauges("lvs_operator_source_problems",
                                "Objects and files of this source that cannot be used.")),
      held_(registry.gauges("lvs_operator_held_deletions",
                            "Objects that wait for a confirmation of their mass deletion.")),
      diagnosed_(registry.gauges("lvs_operator_objects_with_problems",
                                 "Objects of which the log tells an error or a warning, by kind.")),
      api_requests_(
          registry.counters("lvs_operator_api_requests_total",
                            "Requests to the API server, by verb and HTTP status (0: none).")),
      api_seconds_(registry.histograms("lvs_operator_api_request_seconds",
                                       "Time of requests to the API server, watches left out.",
                                       latency_bounds())),
      status_writes_(registry.counters("lvs_operator_status_writes_total",
                                       "Status updates of resources, by result.")) {
  // What has not happened yet is 0, not absent.
  held_.with();
  for (const Kind kind : {Kind::kVirtualService, Kind::kRealServer, Kind::kNode}) {
    diagnosed_.with({{"kind", std::string(to_string(kind))}});
  }
}

void OperatorMetrics::leads(std::uint64_t term) { term_.with().set(static_cast<double>(term)); }

void OperatorMetrics::objects(const ClusterSnapshot& snapshot) {
  const auto set = [&](Kind kind, std::size_t count) {
    objects_.with({{"kind", std::string(to_string(kind))}}).set(static_cast<double>(count));
  };
  set(Kind::kVirtualService, snapshot.virtual_services.size());
  set(Kind::kRealServer, snapshot.real_servers.size());
  set(Kind::kNode, snapshot.nodes.size());
}

void OperatorMetrics::planned(Duration took, std::size_t edits) {
  plans_.with().add();
  edits_.with().add(static_cast<double>(edits));
  planning_.with().observe(seconds(took));
}

void OperatorMetrics::pushed(const PushDone& done) {
  const std::string kind = to_string(done.kind);
  pushes_
      .with({{"kind", kind}, {"result", done.stored ? "ok" : to_string(done.stored.error().code)}})
      .add();
  push_bytes_.with({{"kind", kind}}).add(static_cast<double>(done.bytes));
  if (done.stored) push_seconds_.with({{"kind", kind}}).observe(seconds(done.took));
}

void OperatorMetrics::agent_reachable(const std::string& node, bool reachable) {
  reachable_.with({{"node", node}}).set(reachable ? 1 : 0);
}

void OperatorMetrics::forget_node(const std::string& node) { reachable_.remove({{"node", node}}); }

void OperatorMetrics::source_trouble(const std::string& source, bool trouble) {
  trouble_.with({{"source", source}}).set(trouble ? 1 : 0);
}

void OperatorMetrics::source_problems(const std::string& source, std::size_t count) {
  problems_.with({{"source", source}}).set(static_cast<double>(count));
  trouble_.with({{"source", source}});
}

void OperatorMetrics::held_deletions(std::size_t count) {
  held_.with().set(static_cast<double>(count));
}

void OperatorMetrics::diagnosed(Kind kind, std::size_t count) {
  diagnosed_.with({{"kind", std::string(to_string(kind))}}).set(static_cast<double>(count));
}

void OperatorMetrics::api_request(std::string_view verb, int code, Duration took) {
  const std::string name(verb);
  api_requests_.with({{"verb", name}, {"code", std::to_string(code)}}).add();
  if (name != "watch") api_seconds_.with({{"verb", name}}).observe(seconds(took));
}

void OperatorMetrics::status_written(bool success) {
  status_writes_.with({{"result", success ? "ok" : "error"}}).add();
}

}  // namespace lvs
