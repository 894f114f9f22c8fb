#include "cli/sources.h"

#include <filesystem>
#include <fstream>

#include <CLI/CLI.hpp>

#include "base/duration.h"
#include "cli/manifests.h"

namespace lvs::cli {
namespace {

constexpr const char* kTlsFolder = "/etc/lvs-operator/tls/";

constexpr const char* kNoSource =
    "nowhere to look: name the folder of the manifests (--manifests DIR), an agent (--agent HOST) "
    "or a "
    "cluster (--kubeconfig FILE), or run lvsctl on a node (there is no agent at "
    "/run/lvs-agent/agent.sock)";

std::string first_of(const std::string& option, const std::string& variable, const char* file) {
  if (!option.empty()) return option;
  return variable.empty() ? kTlsFolder + std::string(file) : variable;
}

AgentTls tls_of(const SourceOptions& options, const Io& io) {
  return {first_of(options.tls.certificate_file, io.environment("LVS_TLS_CERT"), "tls.crt"),
          first_of(options.tls.key_file, io.environment("LVS_TLS_KEY"), "tls.key"),
          first_of(options.tls.ca_file, io.environment("LVS_TLS_CA"), "ca.crt")};
}

Result<AgentSource> parse_agents(const std::vector<std::string>& texts) {
  AgentSource source;
  for (const auto& text : texts) {
    auto target = parse_target(text);
    if (!target) return tl::unexpected(target.error());
    source.targets.push_back(std::move(*target));
  }
  return source;
}

Result<decltype(Source::from)> explicit_source(const SourceOptions& options) {
  if (!options.agents.empty()) return parse_agents(options.agents);
  if (!options.manifests.empty()) return ManifestSource{options.manifests};
  return options.kube;
}

Result<decltype(Source::from)> implied_source(const SourceOptions& options, const Io& io,
                                              bool local_agent) {
  if (io.kubectl) return options.kube;
  if (auto folder = io.environment("LVS_MANIFESTS"); !folder.empty()) {
    return ManifestSource{std::move(folder)};
  }
  if (local_agent) return parse_agents({kAgentSocket});
  if (!io.environment("KUBECONFIG").empty()) return options.kube;
  return fail(ErrorCode::kInvalidArgument, kNoSource);
}

// One message for all agents rather than one for each.
Result<void> check_tls(const AgentTls& tls, const std::vector<AgentTarget>& targets) {
  bool needed = false;
  for (const auto& target : targets) needed = needed || !target.host.empty();
  for (const auto& file : {tls.certificate_file, tls.key_file, tls.ca_file}) {
    if (needed && !std::ifstream(file)) {
      return fail(ErrorCode::kNotFound,
                  file +
                      ": cannot be read; agents answer only to a certificate of their CA, name it "
                      "with --tls-cert, --tls-key and --tls-ca (or LVS_TLS_CERT, _KEY, _CA)");
    }
  }
  return {};
}

Result<ClusterAnswers> ask_wanted(const Source& source, ClusterSnapshot snapshot,
                                  std::vector<std::string> problems) {
  const auto targets = targets_of(snapshot);
  if (const auto tls = check_tls(source.tls, targets); !tls) return tl::unexpected(tls.error());
  ClusterAnswers answers{std::move(snapshot), std::move(problems), {}};
  answers.nodes = ask_agents(targets, source.tls, source.timeout);
  add_reports(*answers.wanted, answers.nodes);
  return answers;
}

}  // namespace

void add_source_options(CLI::App& app, SourceOptions& options) {
  app.add_option("--manifests", options.manifests,
                 "Folder of manifests: asks the agents of its nodes (LVS_MANIFESTS)")
      ->type_name("DIR");
  app.add_option("--agent", options.agents, "These agents only: HOST, HOST:PORT or a Unix socket")
      ->type_name("HOST[:PORT]");
  app.add_option("--kubeconfig", options.kube.kubeconfig, "The cluster of this kubeconfig")
      ->type_name("FILE");
  app.add_option("--context", options.kube.context, "Context of the kubeconfig")->type_name("NAME");
  app.add_option("-n,--namespace", options.kube.ns, "Only this namespace of the cluster")
      ->type_name("NAME");
  app.add_option("--tls-cert", options.tls.certificate_file,
                 "Certificate to show to agents (LVS_TLS_CERT, /etc/lvs-operator/tls/tls.crt)")
      ->type_name("FILE");
  app.add_option("--tls-key", options.tls.key_file, "Its key (LVS_TLS_KEY, .../tls.key)")
      ->type_name("FILE");
  app.add_option("--tls-ca", options.tls.ca_file, "CA of the agents (LVS_TLS_CA, .../ca.crt)")
      ->type_name("FILE");
  app.add_option("--agent-tls-name", options.tls.server_name,
                 "The name in the agents' certificates, where they all have the same one")
      ->type_name("NAME");
  app.add_option("--timeout", options.timeout, "How long to wait for an answer")
      ->type_name("DURATION")
      ->capture_default_str();
}

bool has_local_agent() {
  std::error_code error;
  return std::filesystem::is_socket(kAgentSocket, error);
}

Result<Source> choose_source(const SourceOptions& options, const Io& io, bool local_agent) {
  const auto& kube = options.kube;
  const bool cluster = !kube.kubeconfig.empty() || !kube.context.empty();
  const int given =
      (options.agents.empty() ? 0 : 1) + (options.manifests.empty() ? 0 : 1) + cluster;
  if (given > 1) {
    return fail(ErrorCode::kInvalidArgument,
                "--manifests, --agent and --kubeconfig are different questions; give one of them");
  }
  const auto timeout = parse_duration(options.timeout);
  if (!timeout) return fail_at("--timeout", timeout.error());
  auto from = given == 1 ? explicit_source(options) : implied_source(options, io, local_agent);
  if (!from) return tl::unexpected(from.error());
  return Source{std::move(*from), tls_of(options, io), *timeout};
}

Result<ClusterAnswers> gather_answers(const Source& source) {
  if (const auto* folder = std::get_if<ManifestSource>(&source.from)) {
    auto set = read_manifests({folder->path});
    if (!set) return tl::unexpected(set.error());
    return ask_wanted(source, to_snapshot(set->resources), std::move(set->problems));
  }
  if (const auto* kube = std::get_if<KubeChoice>(&source.from)) {
    auto objects = read_cluster(*kube, source.timeout);
    if (!objects) return tl::unexpected(objects.error());
    return ask_wanted(source, std::move(objects->snapshot), std::move(objects->problems));
  }
  const auto& targets = std::get<AgentSource>(source.from).targets;
  if (const auto tls = check_tls(source.tls, targets); !tls) return tl::unexpected(tls.error());
  return ClusterAnswers{std::nullopt, {}, ask_agents(targets, source.tls, source.timeout)};
}

}  // namespace lvs::cli
