// lvs-agent: wiring only. See agent_loop.h for what it does.
#include <csignal>
#include <iostream>
#include <random>
#include <thread>

#include <fcntl.h>
#include <malloc.h>
#include <sys/file.h>
#include <sys/resource.h>

#include "agent/agent_loop.h"
#include "agent/announce/raw_announcer.h"
#include "agent/cleanup.h"
#include "agent/config.h"
#include "agent/election/replay_guard.h"
#include "agent/health/health_runner.h"
#include "agent/http_api.h"
#include "agent/kernel/linux_kernel.h"
#include "agent/kernel/netlink_monitor.h"
#include "agent/live_ports.h"
#include "agent/metrics_statistics.h"
#include "base/signals.h"
#include "http/health_server.h"

namespace lvs {
namespace {

constexpr int kFailed = 1;
constexpr std::size_t kMostProbes = 8'000;
constexpr std::size_t kFewestProbes = 200;

// One agent per node: a second one would undo the work of the first.
Result<UniqueFd> lock(const std::string& run_folder) {
  const std::string path = run_folder + "/agent.lock";
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd.valid()) return fail_errno("open", path);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    return fail(ErrorCode::kAlreadyExists,
                "another lvs-agent runs with " + run_folder + "; stop it first");
  }
  return fd;
}

std::string new_instance() {
  std::random_device device;
  Hasher hasher;
  for (int i = 0; i < 4; ++i) hasher.add(device());
  return hasher.finish().to_string().substr(0, 16);
}

// How many probes may run at a time: as many as files may be open, of which the rest of the agent
// needs some.
std::size_t room_for_probes() {
  constexpr rlim_t kOthers = 500;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return kFewestProbes;
  limit.rlim_cur =
      std::max(limit.rlim_cur, std::min<rlim_t>(limit.rlim_max, kMostProbes + kOthers));
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return kFewestProbes;
  if (limit.rlim_cur < kFewestProbes + kOthers) return kFewestProbes;
  return std::min<std::size_t>(kMostProbes, limit.rlim_cur - kOthers);
}

// A loop that hangs answers nothing. Null: nobody asked for it.
Result<std::unique_ptr<HttpServer>> open_health(const AgentConfig& config, AgentLoop& loop) {
  if (!config.health_listen) return nullptr;
  const HealthQuestion alive = [&loop](HealthVerdict verdict) {
    loop.post(HealthAsked{[verdict = std::move(verdict)](const std::string&) { verdict(""); }});
  };
  const HealthQuestion ready = [&loop](HealthVerdict verdict) {
    loop.post(HealthAsked{std::move(verdict)});
  };
  return start_health_server(*config.health_listen, {alive, ready});
}

// Everything around the loop; ends when a signal comes.
Result<void> run_until_signal(const AgentConfig& config, AgentLoop& loop, const Clock& clock,
                              AgentMetrics& metrics, const sigset_t& signals) {
  auto monitor = NetworkMonitor::start([&loop] { loop.post(NetworkChanged{}); });
  if (!monitor) return tl::unexpected(monitor.error());
  auto ports = LivePorts::open(
      config, [&loop](ElectionEvent event) { loop.post(ElectionHeard{std::move(event)}); });
  if (!ports) return tl::unexpected(ports.error());
  const HttpApiOptions options{
      config.listen, config.run_folder + "/agent.sock",
      [&metrics](const std::string& peer, const std::string& reason) {
        metrics.connection_refused();
        log_warning("connection refused", {{"peer", peer}, {"reason", reason}});
      }};
  const auto api = HttpApi::start(options, [&loop](AgentMessage m) { loop.post(std::move(m)); });
  if (!api) return tl::unexpected(api.error());
  const auto health_server = open_health(config, loop);
  if (!health_server) return tl::unexpected(health_server.error());
  const std::jthread watcher([&](const std::stop_token& over) {
    constexpr timespec kLook{0, 100'000'000};
    while (!over.stop_requested()) {
      if (sigtimedwait(&signals, nullptr, &kLook) > 0) loop.post(StopRequested{});
    }
  });
  HealthRunner health(
      clock, {room_for_probes(), config.check_files},
      [&loop](PoolHealthHeard heard) { loop.post(std::move(heard)); },
      [&metrics](const CheckedServer& server, const ProbeResult& result, Duration late) {
        metrics.health().probed(server, result, late);
      });
  loop.start(ports->get(), &health);
  loop.run();
  return {};
}

void warn_of_leftovers(const Result<void>& removed) {
  if (!removed) log_warning("left over in nftables", {{"error", removed.error().message}});
}

Result<void> serve(const AgentConfig& config, const sigset_t& signals) {
  const SystemClock clock;
  MetricsRegistry registry(MetricLabels{{"node", config.node}});
  add_build_info(registry, "agent");
  AgentMetrics metrics(registry);
  const auto statistics = std::make_shared<StatisticsPage>(
      registry, StatisticsPage::Options{config.node, config.metrics_per_destination}, clock);
  registry.on_scrape([statistics](const PageSink& page) { statistics->write(page); });
  LinuxKernel kernel(LinuxKernelOptions{config.sysctl_root, true});
  warn_of_leftovers(kernel.remove_leftovers());
  auto announcer = RawAnnouncer::open();
  if (!announcer) {
    log_warning("VIPs will not be announced", {{"error", announcer.error().message}});
  }
  AgentOptions options{{config.node, build_version(), new_instance(), make_boot()},
                       config.state_folder,
                       config.run_folder,
                       config.reconcile_interval,
                       config.election,
                       config.sync,
                       config.probe_marks,
                       config.metrics_per_destination};
  AgentLoop loop(options, kernel, announcer ? announcer->get() : nullptr, clock, metrics);
  if (!config.metrics_listen.empty()) {
    if (auto exposed = registry.expose(config.metrics_listen); !exposed) return exposed;
  }
  log_info("lvs-agent started", {{"node", config.node},
                                 {"version", build_version()},
                                 {"instance", options.identity.instance}});
  statistics->connect([&loop](StatisticsRequested asked) { loop.post(std::move(asked)); });
  auto ran = run_until_signal(config, loop, clock, metrics, signals);
  statistics->connect({});
  if (!ran) return ran;
  log_info("lvs-agent ends; the kernel goes on serving");
  return {};
}

Result<void> run(const AgentConfig& config, const sigset_t& signals) {
  set_log_level(config.log_level);
  set_log_format(config.log_format);
  for (const std::string& folder : {config.state_folder, config.run_folder}) {
    if (auto made = make_directory(folder); !made) return made;
  }
  const auto locked = lock(config.run_folder);
  if (!locked) return tl::unexpected(locked.error());
  if (!config.cleanup) return serve(config, signals);
  MetricsRegistry registry;
  AgentMetrics metrics(registry);
  LinuxKernel kernel(LinuxKernelOptions{config.sysctl_root, false});
  warn_of_leftovers(kernel.remove_tables());
  return clean_up(kernel, config.state_folder, config.run_folder, metrics);
}

}  // namespace
}  // namespace lvs

int main(int argc, char** argv) {
  // Threads that each keep freed memory of a whole plan would double the agent's size.
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_TOP_PAD, 1 << 20);
  const sigset_t signals = lvs::block_ending_signals();
  const auto parsed = lvs::parse_command_line(argc, argv);
  if (const auto* exit_now = std::get_if<lvs::ExitNow>(&parsed)) return exit_now->code;
  const auto done = lvs::run(std::get<lvs::AgentConfig>(parsed), signals);
  if (done) return 0;
  std::cerr << "lvs-agent: " << done.error().message << "\n";
  return lvs::kFailed;
}
