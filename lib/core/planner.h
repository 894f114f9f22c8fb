// The operator's decision: ClusterSnapshot in, one NodePlan per node and diagnostics out.
//
// The planner remembers what it planned, so that a change costs what the change touches. What it
// answers is nevertheless a function of the snapshot alone: planning a snapshot through any series
// of deltas and planning it at once give the same plans and diagnostics (a property test says so).
//
// Threads: one caller at a time. No clock: nothing here depends on time.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/diagnostic.h"
#include "core/plan.h"
#include "core/snapshot.h"

namespace lvs {

struct PlannerOptions {
  std::uint64_t term = 0;
  bool accept_mass_deletion = false;
};

// What an update changed.
struct PlanningDelta {
  // Per node, the edits to its plan; nodes that left the cluster are in `removed_nodes`.
  std::map<std::string, std::vector<PlanEdit>> edits;
  std::set<std::string> removed_nodes;
  // Objects whose diagnostics or placement (and so maybe whose status) have changed.
  std::set<ObjectKey> virtual_services;
  std::set<ObjectKey> real_servers;
};

class Planner {
 public:
  explicit Planner(PlannerOptions options);
  ~Planner();
  Planner(Planner&&) noexcept;
  Planner& operator=(Planner&&) noexcept;

  // Brings the plans in line with `snapshot`, of which `delta` has changed since the last call (the
  // first call: everything in it is taken as changed, whatever `delta` says).
  PlanningDelta update(const ClusterSnapshot& snapshot, const SnapshotDelta& delta);

  // By node name: every Node that is a director or carries a real server, or whose agent reports
  // that it still holds something of ours.
  [[nodiscard]] const std::map<std::string, HashedPlan>& plans() const;
  // Sorted by object; empty when all is well.
  [[nodiscard]] Diagnostics diagnostics_of(Kind kind, const ObjectKey& object) const;
  [[nodiscard]] Diagnostics all_diagnostics() const;
  // Real servers that the selector of an accepted VirtualService selects, and the other way round.
  [[nodiscard]] std::set<ObjectKey> real_servers_of(const ObjectKey& virtual_service) const;
  [[nodiscard]] std::set<ObjectKey> virtual_services_of(const ObjectKey& real_server) const;
  // Candidates of a VIP in the order of claim.
  [[nodiscard]] std::vector<std::string> candidates_of(const IpAddress& vip) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace lvs
