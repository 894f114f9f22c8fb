// What a plan costs between the socket and the kernel's operations, without either.
#include <benchmark/benchmark.h>

#include "core/plan.h"
#include "wire/codec.h"

namespace lvs {
namespace {

IpAddress numbered(std::uint8_t net, int n) {
  return IpAddress(Family::kV4, {net, static_cast<std::uint8_t>(n >> 16),
                                 static_cast<std::uint8_t>(n >> 8), static_cast<std::uint8_t>(n)});
}

NodePlan make_plan(int services, int destinations) {
  NodePlan plan;
  plan.node = "bench";
  for (int s = 0; s < services; ++s) {
    PlannedService service;
    service.header.virtual_service = {"bench", "service-" + std::to_string(s)};
    service.header.config = {"wrr", 0, 0, 32};
    for (int d = 0; d < destinations; ++d) {
      service.destinations.push_back({{numbered(11, s * destinations + d + 1), 80}, {}});
    }
    plan.services[{numbered(10, s + 1), Protocol::kTcp, 80, 0}] =
        std::make_shared<const PlannedService>(std::move(service));
  }
  return plan;
}

void decode(benchmark::State& state) {
  const std::string text =
      encode(make_plan(static_cast<int>(state.range(0)), static_cast<int>(state.range(1))));
  for (auto _ : state) benchmark::DoNotOptimize(decode_plan(text));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(decode)->Args({200, 50})->Args({1000, 100})->Unit(benchmark::kMillisecond);

void hash(benchmark::State& state) {
  const NodePlan plan = make_plan(1000, 100);
  for (auto _ : state) benchmark::DoNotOptimize(hash_of(plan));
}
BENCHMARK(hash)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace lvs

BENCHMARK_MAIN();
