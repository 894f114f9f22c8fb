// The real lvs-agent on a kernel in memory, so that the operator's tests need no IPVS. Driven by
// memory_agent.py beside it; what only the real kernel shows is tested in the lab.
//
//   memory_agent RECORD ADDRESS/PREFIX MISSING-SCHEDULER AGENT-OPTION...
//
// With --heartbeat-key-file several of them elect among themselves: they hear each other on the
// address of --listen, and the wire between their machines is silent.
//
// The machine has eth0 with the address; the scheduler's module is not there ("-": all are). RECORD
// gets a line of JSON for everything that was asked of the agent, as it came, and for everything
// that it asked of the kernel, in ipvsadm syntax:
//   {"request": "PUT"|"PATCH", "body": {...}}      {"kernel": ["-A -t 192.0.2.100:80 -s wrr", ...]}
#include <fstream>
#include <iostream>
#include <mutex>

#include <nlohmann/json.hpp>

#include "agent/agent_loop.h"
#include "agent/config.h"
#include "agent/election/replay_guard.h"
#include "agent/files.h"
#include "agent/http_api.h"
#include "base/signals.h"
#include "core/format.h"
#include "tests/support/fake_kernel.h"

namespace lvs {
namespace {

class Record {
 public:
  explicit Record(const std::string& path) : out_(path, std::ios::app) {}

  void request(const char* method, const std::string& body) {
    write("{\"request\":\"" + std::string(method) + "\",\"body\":" + body + "}");
  }
  void kernel(std::span<const Operation> operations) {
    nlohmann::json lines = nlohmann::json::array();
    for (const auto& operation : operations) lines.push_back(format(operation));
    write(nlohmann::json{{"kernel", std::move(lines)}}.dump());
  }

 private:
  void write(const std::string& line) {
    const std::lock_guard lock(mutex_);
    out_ << line << "\n" << std::flush;
  }

  std::mutex mutex_;
  std::ofstream out_;
};

class RecordingKernel final : public Kernel {
 public:
  RecordingKernel(Kernel& kernel, Record& record) : kernel_(kernel), record_(record) {}

  Result<std::vector<ObservedService>> dump_services() override { return kernel_.dump_services(); }
  Result<std::vector<ObservedDestination>> dump_destinations(const ServiceKey& service) override {
    return kernel_.dump_destinations(service);
  }
  Result<ObservedNetwork> dump_network() override { return kernel_.dump_network(); }
  Result<ObservedPaths> dump_paths() override { return kernel_.dump_paths(); }
  Result<std::set<IpAddress>> off_link(const std::set<IpAddress>& addresses) override {
    return kernel_.off_link(addresses);
  }
  Result<ObservedSync> dump_sync() override { return kernel_.dump_sync(); }
  ApplyReport apply(std::span<const Operation> operations) override {
    record_.kernel(operations);
    return kernel_.apply(operations);
  }
  void tell_connections(const std::set<IpAddress>& vips, const SyncDaemon& master) override {
    kernel_.tell_connections(vips, master);
  }

 private:
  Kernel& kernel_;
  Record& record_;
};

// Heartbeats are real, and nobody answers on the wire.
class MemoryPorts final : public ElectionPorts {
 public:
  MemoryPorts(const AgentConfig& config, HeartbeatPort::Receive receive)
      : port_(config.heartbeat_port) {
    const auto address = IpAddress::parse(config.listen.at(0).address);
    auto opened = HeartbeatPort::open(
        {config.node, {address.value()}, port_, config.heartbeat_key_file}, std::move(receive));
    heartbeats_ = std::move(opened.value());
  }
  [[nodiscard]] bool hears_others() const override { return true; }
  void set_peers(const std::map<std::string, PlannedDirector>& peers) override {
    HeartbeatPeers addresses;
    for (const auto& [node, director] : peers) {
      for (const IpAddress& address : director.addresses) {
        addresses[node].push_back({address, port_});
      }
    }
    heartbeats_->set_peers(std::move(addresses));
  }
  void watch(const std::map<IpAddress, VipPlace>& /*addresses*/) override {}
  void send(const Heartbeat& heartbeat) override { heartbeats_->send(heartbeat); }
  bool ask(const IpAddress& /*address*/) override { return true; }
  void read_lease(const IpAddress& /*vip*/) override {}
  void claim_lease(const ClaimLease& /*claim*/) override {}
  void renew_director_lease() override {}
  [[nodiscard]] HeartbeatStats heartbeat_stats() const override { return heartbeats_->stats(); }

 private:
  std::uint16_t port_;
  std::unique_ptr<HeartbeatPort> heartbeats_;
};

void set_up(testing::FakeKernel& kernel, const std::string& address_and_prefix,
            const std::string& missing_scheduler) {
  const auto slash = address_and_prefix.find('/');
  kernel.add_link("eth0");
  kernel.put_foreign_address(IpAddress::parse(address_and_prefix.substr(0, slash)).value(),
                             std::stoi(address_and_prefix.substr(slash + 1)), "eth0");
  kernel.add_direct_route(IpNetwork::parse("198.51.96.0/19").value());  // many real servers
  if (missing_scheduler != "-") kernel.forget_scheduler(missing_scheduler);
}

int serve(const AgentConfig& config, Kernel& kernel, Record& record, const sigset_t& signals) {
  MetricsRegistry registry;
  AgentMetrics metrics(registry);
  const SystemClock clock;
  AgentOptions options{{config.node, "memory", "1", make_boot()},
                       config.state_folder,
                       config.run_folder,
                       Duration{1'000},
                       config.election};
  AgentLoop loop(std::move(options), kernel, nullptr, clock, metrics);
  const auto api = HttpApi::start({config.listen, "", {}}, [&](AgentMessage message) {
    if (const auto* put = std::get_if<PlanArrived>(&message)) record.request("PUT", put->body);
    if (const auto* patch = std::get_if<PatchArrived>(&message)) {
      record.request("PATCH", patch->body);
    }
    loop.post(std::move(message));
  });
  if (!api) {
    std::cerr << "memory_agent: " << api.error().message << "\n";
    return 1;
  }
  const std::jthread watcher([&] {
    int signal = 0;
    sigwait(&signals, &signal);
    loop.post(StopRequested{});
  });
  std::unique_ptr<MemoryPorts> ports;
  if (!config.heartbeat_key_file.empty()) {
    ports = std::make_unique<MemoryPorts>(config, [&loop](Heartbeat heartbeat) {
      loop.post(ElectionHeard{HeartbeatReceived{std::move(heartbeat)}});
    });
  }
  loop.start(ports.get(), nullptr);
  loop.run();
  return 0;
}

}  // namespace
}  // namespace lvs

int main(int argc, char** argv) {
  constexpr int kOwnArguments = 3;
  if (argc <= kOwnArguments) return 2;
  const sigset_t signals = lvs::block_ending_signals();
  const auto parsed = lvs::parse_command_line(argc - kOwnArguments, argv + kOwnArguments);
  const auto* config = std::get_if<lvs::AgentConfig>(&parsed);
  if (config == nullptr) return 2;
  for (const auto& folder : {config->state_folder, config->run_folder}) {
    if (!lvs::make_directory(folder)) return 2;
  }
  lvs::Record record(argv[1]);
  lvs::testing::FakeKernel kernel;
  lvs::set_up(kernel, argv[2], argv[3]);
  lvs::RecordingKernel recording(kernel, record);
  return lvs::serve(*config, recording, record, signals);
}
