// What the operator knows of the cluster, and the rule against deleting from ignorance: nothing is
// planned before every kind has been listed once, and a new list that would remove most
// VirtualServices or most RealServers at once is held back. Pure; one thread.
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

  [[nodiscard]] bool complete() const;
  [[nodiscard]] const ClusterSnapshot& snapshot() const { return snapshot_; }
  // What has changed since the last call.
  [[nodiscard]] SnapshotDelta take_delta();
  // Objects that the last list lacks and that stay until the deletion is confirmed. Never Nodes:
  // one that is gone must not stay a candidate.
  using Held = std::set<std::pair<Kind, ObjectKey>>;
  [[nodiscard]] const Held& held() const { return held_; }

 private:
  template <typename Object>
  void list(Objects<Object>& objects, std::vector<Resource>& listed);
  template <typename Object>
  void put(Objects<Object>& objects, Resource&& resource);
  template <typename Object>
  void remove(Objects<Object>& objects, const ObjectKey& key);
  [[nodiscard]] bool must_hold(Kind kind, std::size_t absent, std::size_t known) const;
  void touch(Kind kind, const ObjectKey& key);

  bool accept_mass_deletion_;
  ClusterSnapshot snapshot_;
  SnapshotDelta delta_;
  std::array<bool, 3> listed_{};
  Held held_;
};

}  // namespace lvs
