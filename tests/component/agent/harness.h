// One agent with a fake kernel, a clock that the test turns, and folders of its own.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/agent_loop.h"
#include "agent/metrics_statistics.h"
#include "tests/support/fake_kernel.h"

namespace lvs::testing {

// Long enough for the only candidate to take its VIP.
inline constexpr Duration kElected{800};

class FakeClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() const override { return now_; }
  [[nodiscard]] WallTime wall_now() const override {
    return WallTime{std::chrono::floor<std::chrono::seconds>(now_.time_since_epoch())};
  }
  void advance(Duration step) { now_ += step; }

 private:
  TimePoint now_{Duration{1'000'000}};
};

class FakeAnnouncer final : public Announcer {
 public:
  Result<void> announce(const IpAddress& address, const ObservedLink& link) override {
    sent.push_back(address.to_string() + " " + link.name);
    return {};
  }
  std::vector<std::string> sent;
};

// The other directors, as a test plays them.
class FakePorts final : public ElectionPorts {
 public:
  [[nodiscard]] bool hears_others() const override { return true; }
  void set_peers(const std::map<std::string, PlannedDirector>& all) override { peers = all; }
  void watch(const std::map<IpAddress, VipPlace>& all) override { watched = all; }
  void send(const Heartbeat& heartbeat) override { sent.push_back(heartbeat); }
  bool ask(const IpAddress& address) override {
    asked.push_back(address);
    if (on_ask) on_ask();
    return true;
  }
  void read_lease(const IpAddress& /*vip*/) override {}
  void claim_lease(const ClaimLease& /*claim*/) override {}
  void renew_director_lease() override {}
  [[nodiscard]] HeartbeatStats heartbeat_stats() const override { return stats; }

  std::map<std::string, PlannedDirector> peers;
  std::map<IpAddress, VipPlace> watched;
  std::vector<Heartbeat> sent;
  std::vector<IpAddress> asked;
  std::function<void()> on_ask;
  HeartbeatStats stats;
};

// The checks, as a test answers them.
class FakeHealth final : public HealthPort {
 public:
  void watch(const ServiceKey& service, std::set<CheckedServer> servers) override {
    watched[service] = std::move(servers);
  }

  std::map<ServiceKey, std::set<CheckedServer>> watched;
};

class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// The machine outlives its agents: stop and start as often as wanted.
class Machine {
 public:
  Machine();

  void start_agent();
  void stop_agent() { loop_.reset(); }  // as kill -9: nothing is said to it

  // Turns the loop until nothing is left to do now.
  void settle();
  // One turn: messages and one slice.
  bool turn() { return loop_->turn(); }
  // Passes time in steps of 100 ms and settles at each.
  void pass(Duration time);

  PlanAnswer put(const NodePlan& plan, bool settle_after = true);
  PlanAnswer patch(const PlanPatch& patch, bool settle_after = true);
  NodeStatus status();
  std::vector<std::string> problem_reasons();
  NodeState state();
  double metric(const std::string& series);
  // What a scrape reads from the kernel, as text.
  std::string scrape();

  AgentLoop& loop() { return *loop_; }
  [[nodiscard]] const std::string& state_folder() const { return state_.path(); }
  [[nodiscard]] const std::string& run_folder() const { return run_.path(); }

  FakeKernel kernel;
  FakeClock clock;
  FakeAnnouncer announcer;
  FakePorts ports;
  FakeHealth health;
  // For the agents that are started from now on:
  bool has_ports = false;
  bool destination_statistics = true;

 private:
  TemporaryFolder state_;
  TemporaryFolder run_;
  int starts_ = 0;
  std::unique_ptr<MetricsRegistry> registry_;
  std::unique_ptr<AgentMetrics> metrics_;
  std::unique_ptr<StatisticsPage> page_;
  std::unique_ptr<AgentLoop> loop_;
};

// --- Plans, short to write.
[[nodiscard]] IpAddress ip(const std::string& text);
[[nodiscard]] ServiceKey tcp(const std::string& address, std::uint16_t port);
inline const ServiceKey kWeb{IpAddress::parse("192.0.2.1").value(), Protocol::kTcp, 80, 0};
using Weights = std::vector<std::pair<std::string, std::uint32_t>>;
void add_service(NodePlan& plan, const ServiceKey& key, const std::string& scheduler,
                 const Weights& weights, const std::string& name = "web");
[[nodiscard]] NodePlan director_plan();  // node "a", holder of 192.0.2.1 on eth0, TCP 80 with .7 .8
[[nodiscard]] PlanPatch patch_between(const NodePlan& before, const NodePlan& after);
// `services` services of `destinations` each, on 192.0.2.1.
[[nodiscard]] NodePlan large_plan(int services, int destinations);

}  // namespace lvs::testing
