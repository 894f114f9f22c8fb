// lvsctl diff: what would change on each node. Changes nothing.
#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/diff_report.h"
#include "cli/output.h"
#include "cli/sources.h"

namespace lvs::cli {
namespace {

struct DiffOptions {
  SourceOptions source;
  Format format = Format::kTable;
};

int show_diff(const DiffOptions& options, Io& io) {
  const auto source = choose_source(options.source, io, has_local_agent());
  if (!source) return fail_with(io, source.error().message);
  const auto answers = gather_answers(*source);
  if (!answers) return fail_with(io, answers.error().message);
  for (const auto& problem : answers->manifest_problems) io.err << problem << '\n';
  // Objects that could not be read would look like objects to delete.
  if (!answers->manifest_problems.empty()) return kExitError;
  const DiffReport report = build_diff(*answers);
  if (options.format == Format::kTable) {
    io.out << to_text(report, io.colour);
  } else {
    print_document(io, options.format, to_json(report));
  }
  return exit_code_of(report);
}

Action declare_diff(CLI::App& app) {
  auto options = std::make_shared<DiffOptions>();
  add_source_options(app, options->source);
  add_output_option(app, options->format);
  return [options](Io& io) { return show_diff(*options, io); };
}

}  // namespace

const Command kDiffCommand{
    "diff", "Compare what is wanted with what each kernel has; change nothing",
    "  lvsctl diff                                    on a node: what its agent would do\n"
    "  lvsctl diff --manifests new-manifests/         what applying them would change\n"
    "  lvsctl diff --agent director-1 -o json\n",
    declare_diff};

}  // namespace lvs::cli
