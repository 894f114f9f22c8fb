// What the operator knows of the cluster, and the rule against deleting from ignorance: nothing is
// planned before every kind has been listed once and every object is known, and a new list that
// would remove most VirtualServices or most RealServers at once, or any because it is older than what
// was known, is held back. Pure; one thread.
#pragma once

#include <array>
#include <set>
#include <string>

#include "core/snapshot.h"
#include "operator/events.h"

namespace lvs {

class ClusterView {
 public:
  // With `accept_mass_deletion` no list is held back.
  explicit ClusterView(bool accept_mass_deletion) : accept_mass_deletion_(accept_mass_deletion) {}

  void apply(Listed listed);
  void apply(ListedTogether together);
  void apply(Put put);
  void apply(const Deleted& deleted);
  void report(const std::string& node, NodeStatus status);
  void set_reachable(const std::string& node, bool reachable);
  // What people force for a time begins and ends.
  void pass_time(WallTime now);

  // Everything has been listed, and nothing is unknown.
  [[nodiscard]] bool complete() const;
  // What of the listed objects stands in the way; empty: nothing, or not all has been listed.
  [[nodiscard]] std::string trouble() const;
  [[nodiscard]] const ClusterSnapshot& snapshot() const { return snapshot_; }
  // What has changed since the last call.
  [[nodiscard]] SnapshotDelta take_delta();
  // Objects that the last list lacks and that stay until they are listed again, their deletion is
  // seen, or the operator is started with the word that it is meant. Never Nodes: one that is gone
  // must not stay a candidate.
  using ObjectIds = std::set<std::pair<Kind, ObjectKey>>;
  [[nodiscard]] const ObjectIds& held() const { return held_; }

 private:
  [[nodiscard]] bool has_node(const std::string& node) const;
  template <typename Object>
  void list(Objects<Object>& objects, Listed& listed);
  template <typename Object>
  void put(Objects<Object>& objects, Resource&& resource);
  template <typename Object>
  void remove(Objects<Object>& objects, const ObjectKey& key);
  void touch(Kind kind, const ObjectKey& key);
  // It is there, or gone: in any case no longer open.
  void settle(Kind kind, const ObjectKey& key);
  void note_forced(const ObjectKey& key);

  bool accept_mass_deletion_;
  ClusterSnapshot snapshot_;
  SnapshotDelta delta_;
  // RealServers with a valid annotation, over or not.
  std::map<ObjectKey, ForcedHealth> annotated_;
  std::array<bool, 3> listed_{};
  ObjectIds held_;
  // Listed as unknown, and neither known nor gone since: they may stand in a kernel all the same.
  ObjectIds unknown_;
};

}  // namespace lvs
