// ClusterSnapshot: everything that the operator knows of the cluster, at one moment, as a value.
// Objects are shared and immutable; a change replaces the pointer.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "api/resources.h"
#include "core/forced_health.h"
#include "core/report.h"

namespace lvs {

template <typename Object>
using Objects = std::map<ObjectKey, std::shared_ptr<const Object>>;

struct ClusterSnapshot {
  Objects<VirtualService> virtual_services;
  Objects<RealServer> real_servers;
  Objects<Node> nodes;
  // RealServers that a person forces up or down now: whoever makes the snapshot knows the time.
  std::map<ObjectKey, ForcedHealth> forced;
  // The last report of each node's agent, by node name. A node that has not reported is not here:
  // what it holds is unknown.
  std::map<std::string, std::shared_ptr<const NodeStatus>> reports;
  // Nodes whose agent does not answer at the moment (its last report may stand above).
  std::set<std::string> unreachable;
};

// `forced` as it is at this time.
void resolve_forced(ClusterSnapshot& snapshot, WallTime now);

// What has changed since the planner last looked.
struct SnapshotDelta {
  std::set<ObjectKey> virtual_services;
  std::set<ObjectKey> real_servers;
  std::set<std::string> nodes;    // the Node object
  std::set<std::string> reports;  // the agent's report or its reachability

  [[nodiscard]] bool empty() const {
    return virtual_services.empty() && real_servers.empty() && nodes.empty() && reports.empty();
  }
};

}  // namespace lvs
