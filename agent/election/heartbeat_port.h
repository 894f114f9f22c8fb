// Where heartbeats leave and arrive: UDP, authenticated, each believed once.
//
// A heartbeat goes to every address of every peer; the first copy that arrives counts. A datagram
// that arrives passes, in this order: token buckets by source address (flood_guard.h), HMAC
// (heartbeat_datagram.h), sender is a peer, replay guard (replay_guard.h). A peer that sends from
// an address that is not listed is heard all the same, as long as strangers send little.
//
// Threads: everything works on a thread of its own, where `receive` is called, too: it must only
// post. send(), set_peers() and stats() may be called on any thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/election/heartbeat_troubles.h"
#include "core/election/heartbeat.h"

namespace lvs {

struct HeartbeatAddress {
  IpAddress address;
  std::uint16_t port = 0;  // 0: the same as ours

  friend bool operator==(const HeartbeatAddress&, const HeartbeatAddress&) = default;
};
using HeartbeatPeers = std::map<std::string, std::vector<HeartbeatAddress>>;

struct HeartbeatPortOptions {
  std::string node;  // this one
  // Empty: all addresses of both families, or of IPv4 where the machine has no IPv6.
  std::vector<IpAddress> listen;
  std::uint16_t port = 0;  // 0: any
  std::string key_file;    // heartbeat_keys.h
};

struct HeartbeatStats {
  std::uint64_t sent = 0;      // datagrams
  std::uint64_t received = 0;  // heartbeats that were believed
  std::array<std::uint64_t, kHeartbeatTroubles> troubles{};

  [[nodiscard]] std::uint64_t of(HeartbeatTrouble trouble) const {
    return troubles[static_cast<std::size_t>(trouble)];
  }
};

class HeartbeatPort {
 public:
  using Receive = std::function<void(Heartbeat)>;

  // kNotFound, kInvalidArgument: the key file; kIo: the port. In the network namespace of the
  // calling thread.
  static Result<std::unique_ptr<HeartbeatPort>> open(HeartbeatPortOptions options, Receive receive);
  // After it `receive` is not called any more.
  ~HeartbeatPort();
  HeartbeatPort(const HeartbeatPort&) = delete;
  HeartbeatPort& operator=(const HeartbeatPort&) = delete;

  // If this node is among them, its heartbeats leave from its addresses there (the one that is
  // nearest to the receiver's) and never from a VIP that is here for a while, as the kernel might
  // choose.
  void set_peers(HeartbeatPeers peers);
  // `heartbeat.boot` is from make_boot() and stays the same; the sequence grows.
  void send(Heartbeat heartbeat);

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] HeartbeatStats stats() const;

 private:
  class Impl;
  explicit HeartbeatPort(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace lvs
