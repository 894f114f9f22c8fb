#include "agent/config.h"

#include <bit>
#include <charconv>
#include <iostream>

#include <CLI/CLI.hpp>

#include "base/duration.h"
#include "base/ip_address.h"
#include "core/local_delivery.h"
#include "http/listen_address.h"
#include "telemetry/metrics.h"
#include "wire/agent_api.h"

namespace lvs {
namespace {

constexpr const char* kDescription =
    "Programs this node's kernel for lvs-operator: IPVS services, VIPs and ARP settings.\n"
    "It follows the plan that the operator pushes, keeps it on disk, and goes on without one.";

constexpr int kUsageError = 2;

constexpr const char* kExamples = R"(
Examples:
  On a director or real server, with certificates made by scripts/make-certs.sh:
    lvs-agent --node director-1 --listen 192.168.100.10:9440 \
      --tls-cert /etc/lvs-agent/tls.crt --tls-key /etc/lvs-agent/tls.key \
      --tls-ca /etc/lvs-agent/ca.crt --metrics-listen :9441

  In a pod, where /proc/sys is read-only and the host's is mounted:
    lvs-agent --node "$NODE_NAME" --listen :9440 --proc-sys-net /host/proc/sys/net ...

  What does the kernel hold, and what would change? (as root on the node)
    curl --unix-socket /run/lvs-agent/agent.sock http://agent/v1/state

  Take everything off this node that the agent has put there, for good:
    lvs-agent --cleanup

SIGTERM ends the agent: VIPs that another director can take are handed over first, and the kernel goes
on serving.)";

struct Texts {
  std::vector<std::string> listen;
  std::string certificate;
  std::string key;
  std::string ca;
  std::string reconcile = "10s";
  std::string sync = "on";
  std::string sync_group = SyncOptions{}.group.to_string();
  std::string health_listen;
  std::string probe_marks = "0x4d";
  std::string log_level = "info";
  std::string log_format = "logfmt";
};

void describe_sync(CLI::App& app, AgentConfig& config, Texts& texts) {
  app.add_option("--sync", texts.sync,
                 "on or off: the kernels of directors tell each other their connections, so that "
                 "these go on when a VIP moves")
      ->capture_default_str();
  app.add_option("--sync-interface", config.sync.interface,
                 "Where they do; default: the interface of the VIPs. Nothing is encrypted there");
  app.add_option("--sync-id", config.sync.id,
                 "1 to 255; the same on all directors, another one for others on the segment")
      ->capture_default_str();
  app.add_option("--sync-group", texts.sync_group, "Multicast group, IPv4 or IPv6")
      ->capture_default_str();
  app.add_option("--sync-port", config.sync.port, "The first UDP port")->capture_default_str();
  app.add_option("--sync-ports", config.sync.ports,
                 "How many, each with a thread: 1, 2, 4 to 64; the same on all directors")
      ->capture_default_str();
}

void describe_metrics(CLI::App& app, AgentConfig& config) {
  app.add_option("--metrics-listen", config.metrics_listen,
                 "ADDRESS:PORT of /metrics, plain HTTP; default: none");
  app.add_option("--metrics-per-destination", config.metrics_per_destination,
                 "Series for each real server of each service; false where these are too many")
      ->capture_default_str();
}

void describe(CLI::App& app, AgentConfig& config, Texts& texts) {
  app.add_option("--node", config.node, "Name of this node, as in the plan");
  app.add_option("--listen", texts.listen,
                 "ADDRESS:PORT for the operator; may be given several times");
  app.add_option("--state-dir", config.state_folder, "Where the plan is kept")
      ->capture_default_str();
  app.add_option("--run-dir", config.run_folder,
                 "For what ends with the next boot (agent.sock, old ARP settings)")
      ->capture_default_str();
  app.add_option("--tls-cert", texts.certificate, "PEM file: certificate of this agent");
  app.add_option("--tls-key", texts.key, "PEM file: its key");
  app.add_option("--tls-ca", texts.ca, "PEM file: the CA of the operator's certificate");
  describe_metrics(app, config);
  app.add_option("--health-listen", texts.health_listen,
                 "ADDRESS:PORT of /healthz and /readyz, plain HTTP; default: none");
  app.add_option("--check-files", config.check_files,
                 "The folder of the certificates that HTTPS checks name")
      ->capture_default_str();
  app.add_option(
         "--check-mark-byte", texts.probe_marks,
         "The topmost byte of the firewall marks of checks through a VIP, which nobody else "
         "on the node may use")
      ->capture_default_str();
  app.add_option("--proc-sys-net", config.sysctl_root, "The folder net of the node's sysctls")
      ->check(CLI::ExistingDirectory)
      ->capture_default_str();
  app.add_option("--heartbeat-key-file", config.heartbeat_key_file,
                 "Shared key of the directors' heartbeats (lines ID:HEX); without one the first "
                 "director in the order holds each VIP, and nobody takes over from it");
  app.add_option("--heartbeat-port", config.heartbeat_port, "UDP port of the heartbeats, on all")
      ->check(CLI::Range(1, 65'535))
      ->capture_default_str();
  app.add_flag("--leases", config.election.leases,
               "Directors claim VIPs by Kubernetes Leases, too");
  app.add_option("--lease-namespace", config.lease_namespace, "Where the Leases are")
      ->capture_default_str();
  app.add_option("--kubeconfig", config.kubeconfig,
                 "For the Leases; default: the pod's service account");
  describe_sync(app, config, texts);
  app.add_option("--reconcile-interval", texts.reconcile,
                 "How often the kernel is read and put right")
      ->capture_default_str();
  app.add_option("--log-level", texts.log_level, "debug, info, warning or error")
      ->capture_default_str();
  app.add_option("--log-format", texts.log_format, "logfmt or json")->capture_default_str();
  app.add_flag("--cleanup", config.cleanup,
               "Remove our services, addresses, ARP settings and the stored plan, then end");
}

template <typename Value>
void take(Result<Value> parsed, const char* option, Value& target) {
  if (!parsed) throw CLI::ValidationError(option, parsed.error().message);
  target = std::move(*parsed);
}

void check_serving(const AgentConfig& config, const Texts& texts) {
  if (config.cleanup) return;
  const auto need = [](bool given, const char* option, const char* what) {
    if (!given) throw CLI::ValidationError(option, what);
  };
  need(!config.node.empty(), "--node", "is required; give the node's name");
  need(!texts.listen.empty(), "--listen", "is required; for example :9440");
  need(!texts.certificate.empty(), "--tls-cert", "is required: the operator connects by TLS only");
  need(!texts.key.empty(), "--tls-key", "is required: the operator connects by TLS only");
  need(!texts.ca.empty(), "--tls-ca", "is required: only the operator's certificate is let in");
  need(!config.election.leases || !config.heartbeat_key_file.empty(), "--leases",
       "needs --heartbeat-key-file: a Lease says who may hold a VIP, heartbeats who lives");
}

void complete_sync(SyncOptions& sync, const Texts& texts) {
  const auto refuse = [](const char* option, const char* why) {
    throw CLI::ValidationError(option, why);
  };
  if (texts.sync != "on" && texts.sync != "off") refuse("--sync", "is neither on nor off");
  sync.on = texts.sync == "on";
  if (sync.id < 1 || sync.id > 255) {
    refuse("--sync-id", "is not 1 to 255; with 0 a director would listen to everybody");
  }
  take(IpAddress::parse(texts.sync_group), "--sync-group", sync.group);
  if (!sync.group.is_multicast()) {
    refuse("--sync-group", "is no multicast address; 224.0.0.81 and ff02::5148 are");
  }
  const auto ports = static_cast<unsigned>(sync.ports);
  if (sync.ports < 1 || sync.ports > 64 || !std::has_single_bit(ports)) {
    refuse("--sync-ports", "is not 1, 2, 4, 8, 16, 32 or 64: the kernel takes no other number");
  }
  if (sync.port == 0 || sync.port + sync.ports - 1 > 65535) {
    refuse("--sync-port", "leaves no room for --sync-ports below 65536");
  }
}

std::uint32_t parse_probe_marks(const std::string& text) {
  constexpr std::uint32_t kDeliveryByte = kDeliveryMark >> 24U;
  std::uint32_t byte = 0;
  const bool hex = text.starts_with("0x");
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + (hex ? 2 : 0), end, byte, hex ? 16 : 10);
  if (read.ec != std::errc() || read.ptr != end || byte < 1 || byte > 0xff) {
    throw CLI::ValidationError("--check-mark-byte", "is not 0x01 to 0xff");
  }
  if (byte == kDeliveryByte) {
    throw CLI::ValidationError("--check-mark-byte",
                               "is that of the mark of local delivery; write another one");
  }
  return byte << 24U;
}

void complete(AgentConfig& config, const Texts& texts) {
  check_serving(config, texts);
  complete_sync(config.sync, texts);
  config.probe_marks = parse_probe_marks(texts.probe_marks);
  for (const std::string& each : texts.listen) {
    TcpListen listen;
    take(parse_listen(each), "--listen", listen);
    listen.tls = {texts.certificate, texts.key, texts.ca, {kOperatorName, kAdminName}};
    config.listen.push_back(std::move(listen));
  }
  if (!texts.health_listen.empty()) {
    take(parse_listen(texts.health_listen), "--health-listen", config.health_listen.emplace());
  }
  take(parse_duration(texts.reconcile), "--reconcile-interval", config.reconcile_interval);
  if (config.reconcile_interval < Duration{1000}) {
    throw CLI::ValidationError("--reconcile-interval", "is shorter than 1s; write 1s or more");
  }
  take(parse_log_level(texts.log_level), "--log-level", config.log_level);
  take(parse_log_format(texts.log_format), "--log-format", config.log_format);
}

}  // namespace

std::variant<AgentConfig, ExitNow> parse_command_line(int argc, const char* const* argv) {
  CLI::App app(kDescription, "lvs-agent");
  AgentConfig config;
  config.election.leases = false;
  Texts texts;
  describe(app, config, texts);
  app.footer(kExamples);
  app.set_version_flag("--version", std::string("lvs-agent ") + build_version());
  try {
    app.parse(argc, argv);
    complete(config, texts);
  } catch (const CLI::ParseError& error) {
    return ExitNow{app.exit(error) == 0 ? 0 : kUsageError};
  }
  return config;
}

}  // namespace lvs
