#include "operator/config.h"

#include <CLI/CLI.hpp>

#include "http/listen_address.h"
#include "telemetry/metrics.h"

namespace lvs {
namespace {

constexpr const char* kDescription =
    "Watches VirtualServices and RealServers, plans what each node should do, and pushes it to "
    "the\n"
    "nodes' agents. The resources come from a Kubernetes API server or from a folder of YAML "
    "files.";

constexpr const char* kExamples = R"TEXT(
Examples:
  Without Kubernetes: from a folder, to the agents of all Nodes that are in it
    lvs-operator --source=directory:/etc/lvs-operator/manifests \
      --tls-cert /etc/lvs-operator/tls/tls.crt --tls-key /etc/lvs-operator/tls/tls.key \
      --tls-ca /etc/lvs-operator/tls/ca.crt --metrics-listen 127.0.0.1:9442

  The same folder rolled out to every machine, each with an operator for its own agent:
    lvs-operator --source=directory:/etc/lvs-operator/manifests --nodes=self --node "$(hostname)" ...

  In a pod, or with the kubeconfig that kubectl uses:
    lvs-operator --source=kubernetes --tls-cert ... --tls-key ... --tls-ca ...

  Two of them; when one dies, the other goes on:
    lvs-operator --source=kubernetes --leader-elect --tls-cert ... --tls-key ... --tls-ca ...

  What would be programmed? Nothing is pushed, no certificate is needed:
    lvs-operator --source=directory:manifests --dry-run
    lvs-operator --source=kubernetes --dry-run

The certificate's name must be lvs-operator, and each agent's the name of its node (but see
--agent-tls-name).
SIGTERM ends the operator; agents and kernels go on without it.)TEXT";

constexpr int kUsageError = 2;
// An agent that has seen a term refuses all lower ones, so a slip of the hand must not be the last.
constexpr std::uint64_t kHighestTerm = 1'000'000'000;
constexpr std::string_view kDirectoryPrefix = "directory:";

struct Texts {
  std::string source;
  std::string nodes = "all";
  std::string node;
  std::string health_listen;
  std::string log_level = "info";
  std::string log_format = "logfmt";
};

void describe_source(CLI::App& app, OperatorConfig& config, Texts& texts) {
  app.add_option("--source", texts.source, "kubernetes, or directory:FOLDER")->required();
  app.add_option("--kubeconfig", config.kubeconfig,
                 "Default: $KUBECONFIG, the pod's service account, or ~/.kube/config");
  app.add_option("--context", config.context,
                 "Context of the kubeconfig; default: its current one");
  app.add_option("--namespace", config.ns, "Only resources of this namespace; default: all");
  app.add_flag("--accept-mass-deletion", config.accept_mass_deletion,
               "It is meant that most VirtualServices or RealServers vanish at once; without this "
               "such a deletion is held back");
  app.add_flag("--dry-run", config.dry_run,
               "Print what would be programmed, in ipvsadm syntax, and end; with 1 where an object "
               "is refused");
}

void describe_agents(CLI::App& app, OperatorConfig& config, Texts& texts) {
  app.add_option("--tls-cert", config.tls_certificate, "PEM file: certificate of this operator");
  app.add_option("--tls-key", config.tls_key, "PEM file: its key");
  app.add_option("--tls-ca", config.tls_ca, "PEM file: the CA of the agents' certificates");
  app.add_option("--agent-tls-name", config.agent_tls_name,
                 "The name in the agents' certificates, where they all have the same one, as the "
                 "pods of a DaemonSet do; default: the name of each agent's node");
  app.add_option("--nodes", texts.nodes,
                 "all: push to every node; self, with a directory: only to --node (the others are "
                 "only listened to)")
      ->check(CLI::IsMember({"all", "self"}))
      ->capture_default_str();
  app.add_option("--node", texts.node, "This machine's node name, for --nodes=self");
  app.add_option("--term", config.term,
                 "Goes with every plan; agents refuse a lower one than they have seen")
      ->check(CLI::Range(std::uint64_t{1}, kHighestTerm))
      ->capture_default_str();
}

void describe_replicas(CLI::App& app, OperatorConfig& config) {
  app.add_flag("--leader-elect", config.leader_elect,
               "With Kubernetes: several operators may run; the one that holds the Lease "
               "lvs-operator leads, the others wait. The Lease's transitions are the term");
  app.add_option("--lease-namespace", config.lease_namespace, "Where that Lease is")
      ->capture_default_str();
  app.add_option("--lease-seconds", config.lease_seconds,
                 "A leader that was silent for so long is replaced")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
}

void describe_output(CLI::App& app, OperatorConfig& config, Texts& texts) {
  app.add_option("--metrics-listen", config.metrics_listen,
                 "ADDRESS:PORT of /metrics, plain HTTP, such as 0.0.0.0:9442; default: none");
  app.add_option("--health-listen", texts.health_listen,
                 "ADDRESS:PORT of /healthz and /readyz, plain HTTP; default: none");
  app.add_option("--status-file", config.status_file,
                 "With a directory: write the status of all resources to this JSON file");
  app.add_option("--log-level", texts.log_level, "debug, info, warning or error")
      ->capture_default_str();
  app.add_option("--log-format", texts.log_format, "logfmt or json")->capture_default_str();
}

void require(bool condition, const char* option, const char* what) {
  if (!condition) throw CLI::ValidationError(option, what);
}

void read_source(OperatorConfig& config, const Texts& texts) {
  if (texts.source.starts_with(kDirectoryPrefix)) {
    config.directory = texts.source.substr(kDirectoryPrefix.size());
    require(!config.directory.empty(), "--source", "needs a folder after directory:");
    require(config.kubeconfig.empty() && config.context.empty(), "--kubeconfig",
            "is only for --source=kubernetes");
    require(config.ns.empty(), "--namespace", "is only for --source=kubernetes");
    return;
  }
  require(texts.source == "kubernetes", "--source", "must be kubernetes or directory:FOLDER");
  require(config.status_file.empty(), "--status-file",
          "is only for --source=directory; with Kubernetes the status is in the resources");
}

void read_nodes(OperatorConfig& config, const Texts& texts) {
  if (texts.nodes != "self") {
    return require(texts.node.empty(), "--node", "is only for --nodes=self");
  }
  require(config.from_directory(), "--nodes",
          "self is only for --source=directory: with Kubernetes one operator serves all nodes");
  require(!texts.node.empty(), "--node", "is required with --nodes=self");
  config.only_node = texts.node;
}

void check_replicas(const CLI::App& app, const OperatorConfig& config) {
  if (!config.leader_elect) return;
  require(!config.from_directory(), "--leader-elect",
          "is only for --source=kubernetes; of several operators on one folder, each serves its "
          "own machine: --nodes=self");
  require(app.count("--term") == 0, "--term", "comes from the Lease with --leader-elect");
}

void complete(OperatorConfig& config, const Texts& texts) {
  read_source(config, texts);
  read_nodes(config, texts);
  if (!config.dry_run) {
    require(!config.tls_certificate.empty(), "--tls-cert", "is required to reach agents");
    require(!config.tls_key.empty(), "--tls-key", "is required to reach agents");
    require(!config.tls_ca.empty(), "--tls-ca", "is required: only such agents are trusted");
  }
  if (!texts.health_listen.empty()) {
    auto listen = parse_listen(texts.health_listen);
    if (!listen) throw CLI::ValidationError("--health-listen", listen.error().message);
    config.health_listen = std::move(*listen);
  }
  const auto level = parse_log_level(texts.log_level);
  if (!level) throw CLI::ValidationError("--log-level", level.error().message);
  const auto format = parse_log_format(texts.log_format);
  if (!format) throw CLI::ValidationError("--log-format", format.error().message);
  config.log_level = *level;
  config.log_format = *format;
}

}  // namespace

std::variant<OperatorConfig, ExitNow> parse_command_line(int argc, const char* const* argv) {
  CLI::App app(kDescription, "lvs-operator");
  OperatorConfig config;
  Texts texts;
  describe_source(app, config, texts);
  describe_agents(app, config, texts);
  describe_replicas(app, config);
  describe_output(app, config, texts);
  app.footer(kExamples);
  app.set_version_flag("--version", std::string("lvs-operator ") + build_version());
  try {
    app.parse(argc, argv);
    complete(config, texts);
    check_replicas(app, config);
  } catch (const CLI::ParseError& error) {
    return ExitNow{app.exit(error) == 0 ? 0 : kUsageError};
  }
  return config;
}

}  // namespace lvs
