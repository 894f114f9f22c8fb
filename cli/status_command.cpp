// lvsctl status: who holds what, which servers take connections, and what is wrong.
#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/output.h"
#include "cli/sources.h"
#include "cli/status_report.h"

namespace lvs::cli {
namespace {

struct StatusOptions {
  SourceOptions source;
  Format format = Format::kTable;
};

Result<StatusReport> build_report(const Source& source) {
  // In a cluster the API server knows all: no way to the nodes is needed.
  if (const auto* kube = std::get_if<KubeChoice>(&source.from)) {
    return read_cluster(*kube, source.timeout).map(report_from_objects);
  }
  return gather_answers(source).map(report_from_agents);
}

int show_status(const StatusOptions& options, Io& io) {
  const auto source = choose_source(options.source, io, has_local_agent());
  if (!source) return fail_with(io, source.error().message);
  const auto report = build_report(*source);
  if (!report) return fail_with(io, report.error().message);
  if (options.format == Format::kTable) {
    io.out << to_text(*report, io.colour);
  } else {
    print_document(io, options.format, to_json(*report));
  }
  return exit_code_of(*report);
}

Action declare_status(CLI::App& app) {
  auto options = std::make_shared<StatusOptions>();
  add_source_options(app, options->source);
  add_output_option(app, options->format);
  return [options](Io& io) { return show_status(*options, io); };
}

}  // namespace

const Command kStatusCommand{
    "status", "Show who holds each VIP, the real servers behind it, and what is wrong",
    "  lvsctl status                                  on a node: what its agent says\n"
    "  lvsctl status --manifests /etc/lvs-operator/manifests\n"
    "  lvsctl status --agent director-1 -o json\n"
    "  kubectl lvs status -n shop\n",
    declare_status};

}  // namespace lvs::cli
