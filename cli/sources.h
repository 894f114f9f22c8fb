// Where `status` and `diff` look: a folder of manifests, agents, or a cluster.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "cli/agents.h"
#include "cli/command.h"
#include "cli/kube_objects.h"

namespace lvs::cli {

// As the options say.
struct SourceOptions {
  std::vector<std::string> agents;
  std::string manifests;
  KubeChoice kube;
  AgentTls tls;
  std::string timeout = "5s";
};

void add_source_options(CLI::App& app, SourceOptions& options);

struct ManifestSource {
  std::string path;
};
struct AgentSource {
  std::vector<AgentTarget> targets;
};
struct Source {
  std::variant<ManifestSource, AgentSource, KubeChoice> from;
  AgentTls tls;
  Duration timeout{};
};

// The one source that is meant: by option, else by how lvsctl was called, else $LVS_MANIFESTS, the
// agent of this machine, $KUBECONFIG. `has_local_agent`: its socket is there.
[[nodiscard]] Result<Source> choose_source(const SourceOptions& options, const Io& io,
                                           bool has_local_agent);
[[nodiscard]] bool has_local_agent();

// Asks the agents of the source. Errors are about the question; a node that does not answer is in
// the answers.
[[nodiscard]] Result<ClusterAnswers> gather_answers(const Source& source);

}  // namespace lvs::cli
