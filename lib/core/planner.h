// The operator's decision: ClusterSnapshot in, one NodePlan per node and diagnostics out.
//
// The planner remembers what it planned, so that a change costs what the change touches. What it
// answers is nevertheless a function of the snapshot alone: planning a snapshot through any series
// of deltas and planning it at once give the same plans and diagnostics (a property test says so).
//
// Two things it does remember, because the snapshot cannot say them: VirtualServices that it took
// from a node on purpose (NodePlan::withdrawn), and directors that it saw to be done with a real
// server (below).
//
// What is planned:
// - A VirtualService that breaks a rule or collides with others is not programmed; nothing else
//   changes. The older object (by creation, then by key) wins a collision.
// - Every candidate of a VIP gets the VIP and its services. A RealServer without nodeName is
//   admitted; one with nodeName when its node's last report says that the VIP is prepared there for
//   the server's address. A node that has never reported is not known: its servers keep the weight
//   that the kernel has.
// - A node prepares a VIP (a backend in its plan) for DirectRouting and Tunnel. When nothing wants
//   the backend any more it stays, as long as the node's report says that it is there, until every
//   director has been seen to follow a plan without it and to have drained it: make before break.
// - A paused VirtualService is planned like any other, and marked: an agent whose kernel has the
//   service leaves it as it is, and reports as lingering what the plan no longer holds. So nothing
//   is deleted, and nothing needs to be remembered.
// - A node that is a candidate and carries a RealServer of the same VIP has both entries. Its agent
//   decides by its role; what a standby with the VIP on lo needs besides is not the planner's.
//
// A plan must not be sent to a node before its report is in the snapshot: until then it is not
// known which backends the node has, and so which must be kept (operator/pusher/fleet keeps this).
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
  // Per node, the edits to its plan.
  std::map<std::string, std::vector<PlanEdit>> edits;
  // Nodes whose plan was not there before: it is sent whole, and has no edits above.
  std::set<std::string> new_nodes;
  // Nodes that have no plan any more, because the Node is gone or nothing of ours is on it.
  std::set<std::string> removed_nodes;
  // Objects whose diagnostics or placement (and so maybe whose status) have changed; deleted ones
  // too.
  std::set<ObjectKey> virtual_services;
  std::set<ObjectKey> real_servers;
  // Nodes whose diagnostics may have changed; deleted ones too.
  std::set<std::string> nodes;
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
  // that it has a plan or still holds something of ours (it gets an empty plan and cleans up).
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
