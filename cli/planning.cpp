#include "cli/planning.h"

#include <algorithm>
#include <array>

namespace lvs::cli {
namespace {

std::shared_ptr<const NodeStatus> report_as_prepared(const HashedPlan& plan) {
  auto status = std::make_shared<NodeStatus>();
  status->node = plan.plan().node;
  status->has_plan = true;
  status->stored_plan = plan.hash();
  status->applied_plan = plan.hash();
  for (const auto& [vip, backend] : plan.plan().backends) {
    status->backends.push_back({.vip = vip,
                                .prepared = true,
                                .reason = {},
                                .message = {},
                                .server_address = backend.server_address,
                                .forwarding = backend.forwarding});
  }
  return status;
}

bool is_about_nodes(const Diagnostic& diagnostic) {
  static constexpr std::array<const char*, 2> kReasons{"NoDirector", "UnknownNode"};
  return std::find(kReasons.begin(), kReasons.end(), diagnostic.reason) != kReasons.end();
}

}  // namespace

Planner plan_as_reported(const ClusterSnapshot& snapshot) {
  Planner planner({});
  planner.update(snapshot, {});
  return planner;
}

Planner plan_as_prepared(const ClusterSnapshot& snapshot) {
  ClusterSnapshot prepared = snapshot;
  SnapshotDelta delta;
  Planner planner = plan_as_reported(prepared);
  for (const auto& [node, plan] : planner.plans()) {
    prepared.reports[node] = report_as_prepared(plan);
    delta.reports.insert(node);
  }
  planner.update(prepared, delta);
  return planner;
}

Diagnostics diagnostics_of(const ClusterSnapshot& snapshot, const Planner& planner) {
  Diagnostics all = planner.all_diagnostics();
  if (snapshot.nodes.empty()) std::erase_if(all, is_about_nodes);
  return all;
}

}  // namespace lvs::cli
