// Decides which datagrams are worth an HMAC, by token buckets, so that a flood costs little and
// does not drown the peers.
//
// All addresses that are no peer's share one small bucket. A peer's address has two: one for
// datagrams that name the boot that was last authenticated from there, one for all others. The boot
// is 64 random bits, so who floods in a peer's name without listening on the segment cannot empty
// the first.
//
// Pure. Rates are in datagrams per second; each bucket holds one second's worth, the strangers' as
// well.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "base/clock.h"
#include "base/ip_address.h"

namespace lvs {

class TokenBucket {
 public:
  explicit TokenBucket(double per_second) : per_second_(per_second), tokens_(per_second) {}
  [[nodiscard]] bool take(TimePoint now);

 private:
  double per_second_;
  double tokens_;
  TimePoint filled_;
};

class FloodGuard {
 public:
  static constexpr double kStrangers = 50;
  static constexpr double kPeerUnfamiliar = 200;
  // 1,000 VIPs that change at once are told three times in 16 pages, perhaps in two parts.
  static constexpr double kPeer = 2'000;

  void set_peers(const std::vector<IpAddress>& addresses);
  [[nodiscard]] bool is_peer(const IpAddress& address) const { return peers_.contains(address); }
  // `boot`: what the datagram says, not authenticated.
  [[nodiscard]] bool admit(const IpAddress& from, std::uint64_t boot, TimePoint now);
  // A datagram from there was authenticated, and of this boot.
  void learn(const IpAddress& from, std::uint64_t boot);

 private:
  struct Peer {
    std::uint64_t boot = 0;  // 0: none yet
    TokenBucket familiar{kPeer};
    TokenBucket unfamiliar{kPeerUnfamiliar};
  };
  std::map<IpAddress, Peer> peers_;
  TokenBucket strangers_{kStrangers};
};

}  // namespace lvs
