#include "tests/component/agent/harness.h"

#include <cstdlib>
#include <filesystem>
#include <sstream>

#include <gtest/gtest.h>

#include "telemetry/log.h"
#include "wire/codec.h"

namespace lvs::testing {
namespace {

constexpr int kManyTurns = 100'000;

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "lvs-agent-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Machine::Machine() {
  set_log_level(LogLevel::kError);
  kernel.add_link("eth0");
  kernel.put_foreign_address(ip("192.0.2.10"), 24, "eth0");
  kernel.put_foreign_address(ip("2001:db8::10"), 64, "eth0");
  kernel.add_direct_route({ip("10.0.0.0"), 8});  // the servers of large plans
}

void Machine::start_agent() {
  loop_.reset();
  registry_ = std::make_unique<MetricsRegistry>();
  metrics_ = std::make_unique<AgentMetrics>(*registry_);
  AgentOptions options;
  options.identity = {"a", "0", "start-" + std::to_string(++starts_),
                      static_cast<std::uint64_t>(starts_)};
  options.election.leases = false;
  options.state_folder = state_.path();
  options.run_folder = run_.path();
  options.destination_statistics = destination_statistics;
  page_ = std::make_unique<StatisticsPage>(
      *registry_, StatisticsPage::Options{"a", destination_statistics, Duration{0}}, clock);
  loop_ = std::make_unique<AgentLoop>(options, kernel, &announcer, clock, *metrics_);
  loop_->start(has_ports ? &ports : nullptr, &health);
  settle();
}

void Machine::settle() {
  for (int i = 0; i < kManyTurns; ++i) {
    if (!loop_->turn()) return;
  }
  FAIL() << "the agent never comes to rest";
}

void Machine::pass(Duration time) {
  constexpr Duration kStep{100};
  for (Duration passed{0}; passed < time; passed += kStep) {
    clock.advance(kStep);
    settle();
  }
}

PlanAnswer Machine::put(const NodePlan& plan, bool settle_after) {
  PlanAnswer answer;
  loop_->post(
      PlanArrived{plan, encode(plan), [&](const PlanAnswer& a) { answer = a; }, clock.now()});
  loop_->turn();
  if (settle_after) settle();
  return answer;
}

PlanAnswer Machine::patch(const PlanPatch& patch, bool settle_after) {
  PlanAnswer answer;
  loop_->post(
      PatchArrived{patch, encode(patch), [&](const PlanAnswer& a) { answer = a; }, clock.now()});
  loop_->turn();
  if (settle_after) settle();
  return answer;
}

NodeStatus Machine::status() {
  NodeStatus status;
  loop_->post(StatusPolled{std::nullopt, [&](const NodeStatus& s, std::uint64_t) { status = s; }});
  settle();
  return status;
}

std::vector<std::string> Machine::problem_reasons() {
  std::vector<std::string> reasons;
  for (const ProblemReport& problem : status().problems) reasons.push_back(problem.reason);
  return reasons;
}

NodeState Machine::state() {
  NodeState state;
  loop_->post(StateRequested{[&](const Result<NodeState>& s) { state = s.value(); }});
  settle();
  return state;
}

// The loop turns while the page waits for it.
std::string Machine::scrape() {
  page_->connect([this](StatisticsRequested asked) {
    loop_->post(std::move(asked));
    settle();
  });
  std::string page;
  page_->write([&page](std::string_view part) { page.append(part); });
  page_->connect({});
  return page;
}

double Machine::metric(const std::string& series) {
  std::istringstream lines(registry_->text());
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind(series + " ", 0) == 0) return std::stod(line.substr(series.size() + 1));
  }
  return -1;
}

IpAddress ip(const std::string& text) { return IpAddress::parse(text).value(); }

ServiceKey tcp(const std::string& address, std::uint16_t port) {
  return ServiceKey{ip(address), Protocol::kTcp, port, 0};
}

void add_service(NodePlan& plan, const ServiceKey& key, const std::string& scheduler,
                 const Weights& weights, const std::string& name) {
  PlannedService service;
  service.header.virtual_service = {"shop", name};
  service.header.config.scheduler = scheduler;
  service.header.drain_timeout = Duration{60'000};
  for (const auto& [address, weight] : weights) {
    service.destinations.push_back({{ip(address), key.port},
                                    {ForwardingMethod::kDirectRouting, weight, 0, 0},
                                    Admission::kAdmit});
  }
  plan.services[key] = std::make_shared<const PlannedService>(std::move(service));
}

NodePlan director_plan() {
  NodePlan plan;
  plan.node = "a";
  plan.term = 1;
  plan.vips[ip("192.0.2.1")] = {"", {"a"}};
  add_service(plan, tcp("192.0.2.1", 80), "wrr", {{"192.0.2.7", 3}, {"192.0.2.8", 2}});
  return plan;
}

PlanPatch patch_between(const NodePlan& before, const NodePlan& after) {
  return {hash_of(before), hash_of(after), after.term, diff_plans(before, after)};
}

NodePlan large_plan(int services, int destinations) {
  NodePlan plan = director_plan();
  for (int s = 0; s < services; ++s) {
    Weights weights;
    for (int d = 0; d < destinations; ++d) {
      weights.emplace_back("10.0." + std::to_string(d / 250) + "." + std::to_string(1 + d % 250),
                           1);
    }
    add_service(plan, tcp("192.0.2.1", static_cast<std::uint16_t>(1000 + s)), "wrr", weights);
  }
  return plan;
}

}  // namespace lvs::testing
