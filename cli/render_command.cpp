// lvsctl render: manifests to the tables that they lead to, without a kernel or an agent.
#include <algorithm>
#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/findings.h"
#include "cli/planning.h"
#include "cli/render.h"
#include "cli/table.h"

namespace lvs::cli {
namespace {

struct RenderOptions {
  std::vector<std::string> paths;
  std::string node;
  bool operations = false;
};

constexpr const char* kNothing =
    "nothing to render: no Node is a director of these services; add the nodes, for example "
    "`kubectl get nodes -o yaml`, with the label lvs-operator.io/director: \"true\"";

// `ipvsadm -R` knows no comments, so the heading is left out where one node was asked for.
void print_node(const RenderedNode& node, const RenderOptions& options, Io& io) {
  if (!options.operations && node.table.empty()) return;
  if (options.node.empty()) io.out << "# " << node.node << '\n';
  io.out << node.table;
  if (!options.operations) return;
  for (const auto& line : node.operations) io.out << line << '\n';
}

int print_nodes(const std::vector<RenderedNode>& nodes, const RenderOptions& options, Io& io) {
  std::vector<std::string> names;
  bool printed = false;
  for (const auto& node : nodes) {
    names.push_back(node.node);
    if (!options.node.empty() && options.node != node.node) continue;
    print_node(node, options, io);
    printed = true;
  }
  if (printed) return kExitOk;
  if (names.empty()) return fail_with(io, kNothing);
  return fail_with(
      io, "--node " + options.node + ": nothing is planned for this node, only for " + join(names));
}

int render(const RenderOptions& options, Io& io) {
  const auto set = read_manifests(options.paths);
  if (!set) return fail_with(io, set.error().message);
  const Findings findings = find_problems(*set);
  for (const auto& finding : findings.list) io.err << to_string(finding) << '\n';
  // What does not parse may be anything: half a table would look like a whole one.
  if (!set->problems.empty()) return kExitNo;
  const Planner planner = plan_as_prepared(to_snapshot(set->resources));
  // What there was to render was refused above.
  if (findings.errors() != 0 && render_plans(planner).empty()) return kExitNo;
  const int code = print_nodes(render_plans(planner), options, io);
  return code == kExitOk && findings.errors() != 0 ? kExitNo : code;
}

Action declare_render(CLI::App& app) {
  auto options = std::make_shared<RenderOptions>();
  app.add_option("path", options->paths,
                 "Files, folders of *.yaml and *.yml, or - for the standard input")
      ->required()
      ->type_name("FILE|DIR");
  app.add_option("--node", options->node, "Only this node, without a heading: for ipvsadm -R")
      ->type_name("NAME");
  app.add_flag("--operations", options->operations,
               "Also the ip and sysctl commands; UPLINK stands for the interface of the machine");
  return [options](Io& io) { return render(*options, io); };
}

}  // namespace

const Command kRenderCommand{"render",
                             "Print the tables that manifests lead to, as ipvsadm -R reads them",
                             "  lvsctl render manifests/\n"
                             "  lvsctl render --node director-1 manifests/ | ipvsadm -R\n"
                             "  lvsctl render --operations manifests/\n",
                             declare_render};

}  // namespace lvs::cli
