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

std::string render_plans(const ClusterSnapshot& snapshot) {
  Planner planner({1, false});
  (void)planner.update(snapshot, SnapshotDelta{});
  std::string out;
  for (const auto& [node, plan] : planner.plans()) render_node(node, plan.plan(), out);
  for (const auto& diagnostic : planner.all_diagnostics()) {
    out += "# " + to_string(diagnostic) + "\n";
  }
  return out;
}

}  // namespace lvs
