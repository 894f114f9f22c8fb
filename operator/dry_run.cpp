#include "operator/dry_run.h"

#include "core/format.h"
#include "core/planner.h"
#include "core/realise.h"

namespace lvs {
namespace {

void render_node(const std::string& node, const NodePlan& plan, std::string& out) {
  out += "# " + node + "\n";
  for (const auto& [address, vip] : plan.vips) {
    out += "# VIP " + address.to_string();
    if (!vip.interface.empty()) out += " on " + vip.interface;
    out += ", candidates:";
    for (const auto& candidate : vip.candidates) out += " " + candidate;
    out += "\n";
  }
  for (const auto& [vip, backend] : plan.backends) {
    out += "# accepts " + vip.to_string() + " as real server " +
           backend.server_address.to_string() + "\n";
  }
  std::vector<DesiredService> services;
  for (const auto& [key, planned] : plan.services) {
    auto service = *planned;
    // Nobody has asked the agents: show what will be once they have prepared everything.
    for (auto& destination : service.destinations) {
      if (destination.admission == Admission::kKeep) destination.admission = Admission::kAdmit;
    }
    services.push_back(realise_service(key, service));
  }
  out += format_table(std::span<const DesiredService>(services));
}

}  // namespace

Result<DryRun> render_plans(const ClusterSnapshot& snapshot, const std::string& only_node) {
  if (!only_node.empty() && !snapshot.nodes.contains({"", only_node})) {
    return fail(ErrorCode::kNotFound,
                "there is no Node " + only_node + "; correct --node, or add the Node");
  }
  Planner planner({1, false});
  (void)planner.update(snapshot, SnapshotDelta{});
  DryRun run;
  for (const auto& [node, plan] : planner.plans()) {
    if (only_node.empty() || node == only_node) render_node(node, plan.plan(), run.text);
  }
  for (const auto& diagnostic : planner.all_diagnostics()) {
    run.text += "# " + to_string(diagnostic) + "\n";
    if (diagnostic.severity == Severity::kError) run.clean = false;
  }
  return run;
}

}  // namespace lvs
