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
    status->backends.push_back({.vip = vip, .prepared = true, .reason = {}, .message = {}});
  }
  return status;
}

template <typename Object>
std::string origin_in(const Objects<Object>& objects, const ObjectKey& key) {
  const auto found = objects.find(key);
  return found == objects.end() ? "" : found->second->meta.origin;
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

std::string origin_of(const ClusterSnapshot& snapshot, Kind kind, const ObjectKey& key) {
  switch (kind) {
    case Kind::kVirtualService:
      return origin_in(snapshot.virtual_services, key);
    case Kind::kRealServer:
      return origin_in(snapshot.real_servers, key);
    case Kind::kNode:
      break;
  }
  return origin_in(snapshot.nodes, key);
}

Diagnostics diagnostics_of(const ClusterSnapshot& snapshot, const Planner& planner) {
  Diagnostics all = planner.all_diagnostics();
  if (snapshot.nodes.empty()) std::erase_if(all, is_about_nodes);
  return all;
}

}  // namespace lvs::cli
