#include "operator/run.h"

#include <array>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <random>
#include <thread>

#include <unistd.h>

#include "kube/api_client.h"
#include "kube/kubeconfig.h"
#include "operator/agents.h"
#include "operator/cluster_view.h"
#include "operator/dry_run.h"
#include "operator/health.h"
#include "operator/leader_lease.h"
#include "operator/loop.h"
#include "operator/sources/directory_source.h"
#include "operator/sources/kubernetes_source.h"
#include "operator/status/file_status_writer.h"
#include "operator/status/kube_status_writer.h"
#include "telemetry/log.h"

namespace lvs {
namespace {

constexpr Duration kDryRunPatience{15'000};

Result<std::unique_ptr<ApiClient>> make_api_client(const OperatorConfig& config,
                                                   OperatorMetrics& metrics) {
  const KubeconfigChoice choice{config.kubeconfig, config.context, false};
  auto connection =
      find_kube_connection(choice, [](const char* name) { return std::getenv(name); });
  if (!connection) return tl::unexpected<Error>(connection.error());
  auto http = make_http_client(connection->server, connection->http);
  if (!http) return tl::unexpected<Error>(http.error());
  log_info("API server", {{"server", connection->server}, {"from", connection->origin}});
  ApiClientOptions options;
  options.on_request = [&metrics](std::string_view verb, int code, Duration took) {
    metrics.api_request(verb, code, took);
  };
  return std::make_unique<ApiClient>(std::shared_ptr<HttpClient>(std::move(*http)), options);
}

LoopOptions loop_options(const OperatorConfig& config, std::uint64_t term) {
  LoopOptions options;
  options.fleet.term = term;
  options.accept_mass_deletion = config.accept_mass_deletion;
  options.fleet.only_node = config.only_node;
  return options;
}

// What the whole process has once.
struct Process {
  OperatorMetrics& metrics;
  OperatorHealth& health;
  const sigset_t& signals;
};

void run_loop(OperatorLoop& loop, const Process& process) {
  const OperatorHealth::Answering answering(process.health, loop.poster());
  const std::jthread watcher([&](const std::stop_token& over) {
    constexpr timespec kLook{0, 100'000'000};
    while (!over.stop_requested()) {
      if (sigtimedwait(&process.signals, nullptr, &kLook) > 0) loop.stop();
    }
  });
  loop.run();
}

void run_from_directory(const OperatorConfig& config, const Process& process) {
  const SystemClock clock;
  process.metrics.leads(config.term);
  FileStatusWriter status(config.status_file);
  OperatorLoop loop(loop_options(config, config.term), make_agent_dialer(config), status, clock,
                    process.metrics);
  const DirectorySource source(config.directory, loop.poster());
  run_loop(loop, process);
}

// Another for every process, readable in `kubectl get lease`.
std::string new_identity() {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  std::random_device random;
  return std::string(host.data()) + "_" + std::to_string(random());
}

// Until a signal comes, or `lease` (null: no other operator) is lost.
Result<void> lead(ApiClient& client, const OperatorConfig& config, std::uint64_t term,
                  LeaderLease* lease, const Process& process) {
  process.metrics.leads(term);
  const SystemClock clock;
  KubeStatusWriter status(client, config.ns, process.metrics);
  auto options = loop_options(config, term);
  options.status_is_kept_elsewhere = true;
  OperatorLoop loop(std::move(options), make_agent_dialer(config), status, clock, process.metrics);
  const auto source = make_kubernetes_source(client, config.ns, loop.poster());
  status.start(loop.poster());
  std::atomic<bool> lost{false};
  std::jthread keeper;
  if (lease != nullptr) {
    keeper = lease->keep([&] {
      lost = true;
      loop.stop();
    });
  }
  run_loop(loop, process);
  status.stop();
  if (lost) return fail(ErrorCode::kConflict, "another operator leads; start again to wait for it");
  return {};
}

Result<void> run_from_kubernetes(const OperatorConfig& config, const Process& process) {
  const auto client = make_api_client(config, process.metrics);
  if (!client) return tl::unexpected<Error>(client.error());
  if (!config.leader_elect) return lead(**client, config, config.term, nullptr, process);
  LeaderLease lease(**client, {{config.lease_namespace, "lvs-operator"},
                               new_identity(),
                               std::chrono::seconds(config.lease_seconds)});
  process.metrics.leads(0);
  const auto term = lease.campaign(process.signals);
  if (!term) return {};
  return lead(**client, config, *term, &lease, process);
}

// What a source says first, without agents.
class FirstView {
 public:
  [[nodiscard]] PostEvent poster() {
    return [this](OperatorEvent event) { mailbox_.post(std::move(event)); };
  }
  Result<ClusterSnapshot> wait(Duration longest) {
    const SystemClock clock;
    const auto deadline = clock.now() + longest;
    ClusterView view(true);
    std::string trouble = "the source says nothing";
    while (!view.complete()) {
      auto event = mailbox_.wait_for(std::max(deadline - clock.now(), Duration(0)));
      if (!event) {
        return fail(ErrorCode::kTimeout, view.trouble().empty() ? trouble : view.trouble());
      }
      if (auto* listed = std::get_if<Listed>(&*event)) view.apply(std::move(*listed));
      if (auto* put = std::get_if<Put>(&*event)) view.apply(std::move(*put));
      if (const auto* deleted = std::get_if<Deleted>(&*event)) view.apply(*deleted);
      if (auto* said = std::get_if<Trouble>(&*event)) trouble = said->message;
    }
    return view.snapshot();
  }

 private:
  Mailbox<OperatorEvent> mailbox_;
};

Result<ClusterSnapshot> snapshot_of_directory(const OperatorConfig& config, bool& clean) {
  auto decision = read_directory_once(config.directory);
  if (!decision) return tl::unexpected<Error>(decision.error());
  clean = decision->problems.empty();
  for (const auto& problem : decision->problems) std::cerr << problem << "\n";
  ClusterView view(true);
  for (auto& [id, resource] : decision->objects) view.apply(Put{std::move(resource)});
  return view.snapshot();
}

Result<ClusterSnapshot> snapshot_of_cluster(const OperatorConfig& config) {
  MetricsRegistry registry;
  OperatorMetrics metrics(registry);
  const auto client = make_api_client(config, metrics);
  if (!client) return tl::unexpected<Error>(client.error());
  FirstView view;
  const auto source = make_kubernetes_source(**client, config.ns, view.poster());
  return view.wait(kDryRunPatience);
}

// Null: nobody asked for it.
Result<std::unique_ptr<HttpServer>> open_health(const OperatorConfig& config,
                                                OperatorHealth& health) {
  if (!config.health_listen) return nullptr;
  return start_health_server(*config.health_listen, health.questions());
}

// Certificates that cannot be read would look as if every agent were away.
Result<void> check_certificates(const OperatorConfig& config) {
  const auto tried = make_agent_dialer(config)({"agent", IpAddress{}, 1});
  if (!tried) return tl::unexpected<Error>(tried.error());
  return {};
}

}  // namespace

Result<void> run_operator(const OperatorConfig& config, const sigset_t& signals) {
  if (auto usable = check_certificates(config); !usable) return usable;
  // Ends with the process: its server takes two seconds to stop, and nothing is lost by not
  // waiting.
  static auto& registry = *new MetricsRegistry;
  add_build_info(registry, "operator");
  OperatorMetrics metrics(registry);
  if (!config.metrics_listen.empty()) {
    if (auto exposed = registry.expose(config.metrics_listen); !exposed) return exposed;
  }
  log_info("lvs-operator started",
           {{"version", build_version()},
            {"source", config.from_directory() ? "directory:" + config.directory : "kubernetes"}});
  OperatorHealth health;
  const auto health_server = open_health(config, health);
  if (!health_server) return tl::unexpected<Error>(health_server.error());
  const Process process{metrics, health, signals};
  if (config.from_directory()) {
    run_from_directory(config, process);
  } else if (auto done = run_from_kubernetes(config, process); !done) {
    return done;
  }
  log_info("lvs-operator ends; agents and kernels go on");
  return {};
}

Result<bool> print_plans(const OperatorConfig& config) {
  bool clean = true;
  auto snapshot =
      config.from_directory() ? snapshot_of_directory(config, clean) : snapshot_of_cluster(config);
  if (!snapshot) return tl::unexpected<Error>(snapshot.error());
  resolve_forced(*snapshot, SystemClock().wall_now());
  const auto run = render_plans(*snapshot, config.only_node);
  if (!run) return tl::unexpected<Error>(run.error());
  std::cout << run->text << std::flush;
  return clean && run->clean;
}

}  // namespace lvs
