// lvsctl explain: why a real server gets connections or none, and what to do about it.
#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/explain.h"
#include "cli/output.h"
#include "cli/sources.h"

namespace lvs::cli {
namespace {

struct ExplainOptions {
  SourceOptions source;
  std::string server;
  Format format = Format::kTable;
};

Result<Explanation> find_explanation(const Source& source, const std::string& server) {
  // As with status, no way to the nodes is needed in a cluster.
  if (const auto* kube = std::get_if<KubeChoice>(&source.from)) {
    const auto objects = read_cluster(*kube, source.timeout);
    if (!objects) return tl::unexpected(objects.error());
    return explain_from_objects(*objects, server);
  }
  const auto answers = gather_answers(source);
  if (!answers) return tl::unexpected(answers.error());
  return explain_from_agents(*answers, server);
}

int explain(const ExplainOptions& options, Io& io) {
  const auto source = choose_source(options.source, io, has_local_agent());
  if (!source) return fail_with(io, source.error().message);
  const auto explanation = find_explanation(*source, options.server);
  if (!explanation) return fail_with(io, explanation.error().message);
  if (options.format == Format::kTable) {
    io.out << to_text(*explanation, io.colour);
  } else {
    print_document(io, options.format, to_json(*explanation));
  }
  return exit_code_of(*explanation);
}

Action declare_explain(CLI::App& app) {
  auto options = std::make_shared<ExplainOptions>();
  app.add_option("server", options->server,
                 "The RealServer (NAME or NAMESPACE/NAME), its node or its address")
      ->required()
      ->type_name("SERVER");
  add_source_options(app, options->source);
  add_output_option(app, options->format);
  return [options](Io& io) { return explain(*options, io); };
}

}  // namespace

const Command kExplainCommand{"explain",
                              "Tell why a real server gets connections or none, and what to do",
                              "  lvsctl explain web-1 --manifests /etc/lvs-operator/manifests\n"
                              "  lvsctl explain 192.0.2.21 --agent director-1 --agent web-1\n"
                              "  kubectl lvs explain web-1 -n shop\n",
                              declare_explain};

}  // namespace lvs::cli
