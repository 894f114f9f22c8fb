// Planning at the size of the goal: 1,000 VirtualServices of 100 RealServers each on 3 directors.
#include <benchmark/benchmark.h>

#include "support/cluster.h"

namespace lvs {
namespace {

using testing::Cluster;

constexpr int kServers = 100;  // per service
constexpr int kNodes = 100;

std::string numbered(const char* prefix, int number) { return prefix + std::to_string(number); }

std::string address(int high, int low) {
  return "10." + std::to_string(high) + "." + std::to_string(low / 250) + "." +
         std::to_string(1 + low % 250);
}

Cluster make_cluster(int services, bool on_nodes) {
  Cluster cluster;
  for (int i = 0; i < 3; ++i)
    cluster.put(testing::node(numbered("director-", i), address(1, i), true));
  for (int i = 0; i < kNodes && on_nodes; ++i) {
    cluster.put(testing::node(numbered("node-", i), address(2, i)));
  }
  for (int s = 0; s < services; ++s) {
    cluster.put(testing::virtual_service(numbered("svc", s), address(3, s)));
    for (int r = 0; r < kServers; ++r) {
      auto server = testing::real_server(numbered("svc", s) + numbered("-", r), numbered("svc", s),
                                         on_nodes ? numbered("node-", r) : "");
      if (!on_nodes)
        server.spec.address = testing::ip(address(4 + s / 250, (s % 250) * kServers + r));
      cluster.put(std::move(server));
    }
  }
  return cluster;
}

void report_all(Cluster& cluster, Planner& planner) {
  for (const auto& [name, plan] : planner.plans()) cluster.report_done(planner, name);
  cluster.plan_with(planner);
}

void plan_from_nothing(benchmark::State& state) {
  Cluster cluster = make_cluster(static_cast<int>(state.range(0)), state.range(1) != 0);
  for (auto _ : state) {
    state.PauseTiming();
    auto planner = std::make_unique<Planner>(PlannerOptions{1, false});
    state.ResumeTiming();
    benchmark::DoNotOptimize(planner->update(cluster.snapshot(), {}));
    state.PauseTiming();
    planner.reset();
    state.ResumeTiming();
  }
}
BENCHMARK(plan_from_nothing)
    ->ArgNames({"services", "on_nodes"})
    ->Args({1000, 0})
    ->Args({1000, 1})
    ->Unit(benchmark::kMillisecond)
    ->Iterations(5);

void plan_one_weight(benchmark::State& state) {
  Cluster cluster = make_cluster(static_cast<int>(state.range(0)), true);
  Planner planner({1, false});
  cluster.plan_with(planner);
  report_all(cluster, planner);
  std::uint32_t weight = 1;
  std::size_t edits = 0;
  for (auto _ : state) {
    state.PauseTiming();
    cluster.put(testing::real_server("svc7-50", "svc7", "node-50", ++weight % 60000));
    state.ResumeTiming();
    edits = cluster.plan_with(planner).edits.size();
  }
  state.counters["nodes_with_edits"] = static_cast<double>(edits);
}
BENCHMARK(plan_one_weight)
    ->ArgName("services")
    ->Arg(10)
    ->Arg(100)
    ->Arg(1000)
    ->Unit(benchmark::kMicrosecond);

void plan_one_report(benchmark::State& state) {
  Cluster cluster = make_cluster(static_cast<int>(state.range(0)), true);
  Planner planner({1, false});
  cluster.plan_with(planner);
  report_all(cluster, planner);
  bool prepared = true;
  for (auto _ : state) {
    state.PauseTiming();
    NodeStatus report = *cluster.snapshot().reports.at("node-50");
    prepared = !prepared;
    report.backends[3].prepared = prepared;
    cluster.put(std::move(report));
    state.ResumeTiming();
    benchmark::DoNotOptimize(cluster.plan_with(planner));
  }
}
BENCHMARK(plan_one_report)
    ->ArgName("services")
    ->Arg(10)
    ->Arg(100)
    ->Arg(1000)
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace lvs

BENCHMARK_MAIN();
