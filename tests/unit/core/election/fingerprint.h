// Everything that decides the future of a world, as one number: worlds with the same number behave
// alike. Times are relative to now; sequence numbers and Lease versions to the newest.
#pragma once

#include "base/hash.h"
#include "tests/unit/core/election/world.h"

namespace lvs {

class Fingerprint {
 public:
  [[nodiscard]] static ContentHash of(const test::World& world);

 private:
  explicit Fingerprint(const test::World& world) : world_(world) {}
  void add(std::uint64_t value) { hasher_.add(value); }
  void add(TimePoint time);
  void add(const std::optional<TimePoint>& time);
  void add(const VipClaim& claim);
  void add(const HardwareAddress& address);
  void add_world();
  void add_node(int index);
  void add(const Heartbeat& heartbeat, int to);
  void add(const Election& election);
  void add(const Peers& peers);
  void add(const HeartbeatPages& pages);
  void add(const VipElection& vip);
  void add_taking(const VipElection& vip);
  void add_holding(const VipElection& vip);
  void add(const LeaseVote& vote, const IpAddress& vip);
  void add(const LeaseView& lease, const IpAddress& vip);
  void add(const ElectionEvent& event, int to);
  void add(const ElectionAction& action);
  [[nodiscard]] std::uint64_t version(const IpAddress& vip, const std::string& known) const;

  const test::World& world_;
  Hasher hasher_;
};

}  // namespace lvs
