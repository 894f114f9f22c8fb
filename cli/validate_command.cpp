// lvsctl validate: is what these files say acceptable?
#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/findings.h"
#include "cli/output.h"
#include "cli/table.h"

namespace lvs::cli {
namespace {

struct ValidateOptions {
  std::vector<std::string> paths;
  Format format = Format::kTable;
};

std::string summary_of(const Findings& findings) {
  std::string text =
      counted(findings.files, "file") + ", " + counted(findings.objects, "object") + ": ";
  if (findings.list.empty()) return text + "no problems";
  return text + counted(findings.errors(), "error") + ", " +
         counted(findings.warnings(), "warning");
}

void print_text(const Findings& findings, Io& io) {
  for (const auto& finding : findings.list) {
    io.out << paint(to_string(finding), finding.error ? Tone::kBad : Tone::kPlain, io.colour)
           << '\n';
  }
  io.out << summary_of(findings) << '\n';
  if (!findings.nodes_known) {
    io.out << "no Node among them: directors and node names were not checked\n";
  }
}

int validate_files(const ValidateOptions& options, Io& io) {
  const auto set = read_manifests(options.paths);
  if (!set) return fail_with(io, set.error().message);
  const Findings findings = find_problems(*set);
  if (options.format == Format::kTable) {
    print_text(findings, io);
  } else {
    print_document(io, options.format, to_json(findings));
  }
  return findings.errors() == 0 ? kExitOk : kExitNo;
}

Action declare_validate(CLI::App& app) {
  auto options = std::make_shared<ValidateOptions>();
  app.add_option("path", options->paths,
                 "Files, folders of *.yaml and *.yml, or - for the standard input")
      ->required()
      ->type_name("FILE|DIR");
  add_output_option(app, options->format);
  return [options](Io& io) { return validate_files(*options, io); };
}

}  // namespace

const Command kValidateCommand{"validate",
                               "Check manifests: each by itself and all against each other",
                               "  lvsctl validate manifests/\n"
                               "  lvsctl validate web.yaml real-servers.yaml -o json\n"
                               "  kubectl get lvsvs,lvsrs -A -o yaml | lvsctl validate -\n",
                               declare_validate};

}  // namespace lvs::cli
