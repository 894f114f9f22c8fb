// What becomes of each datagram that arrives, and what goes out: everything of the heartbeat port
// but sockets and threads. Internal to agent/election.
//
// Threads: the port's own, except received().
#pragma once

#include <atomic>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/election/flood_guard.h"
#include "agent/election/heartbeat_datagram.h"
#include "agent/election/heartbeat_port.h"
#include "agent/election/replay_guard.h"

namespace lvs {

class HeartbeatReceiver {
 public:
  HeartbeatReceiver(std::string node, HeartbeatKeyRing keys)
      : node_(std::move(node)), keys_(std::move(keys)), replays_(node_) {}

  void set_peers(HeartbeatPeers peers);
  [[nodiscard]] const HeartbeatPeers& peers() const { return peers_; }
  void set_keys(HeartbeatKeyRing keys) { keys_ = std::move(keys); }

  // The heartbeat that this datagram completes, if it is to be believed.
  [[nodiscard]] std::optional<Heartbeat> take(std::span<const std::uint8_t> datagram,
                                              const IpAddress& from, TimePoint now);
  [[nodiscard]] Result<std::vector<Datagram>> seal(Heartbeat heartbeat, TimePoint now);

  [[nodiscard]] HeartbeatTroubles& troubles() { return troubles_; }
  [[nodiscard]] const HeartbeatTroubles& troubles() const { return troubles_; }
  [[nodiscard]] std::uint64_t received() const { return received_; }

 private:
  std::optional<HeartbeatTrouble> judge(const Heartbeat& heartbeat, TimePoint now);

  std::string node_;
  HeartbeatKeyRing keys_;
  HeartbeatPeers peers_;
  FloodGuard floods_;
  HeartbeatAssembler assembler_;
  ReplayGuard replays_;
  HeartbeatTroubles troubles_;
  std::atomic<std::uint64_t> received_{0};
};

}  // namespace lvs
