// What directors tell each other. Small whatever the number of VIPs: each heartbeat carries what
// changed and a share of the rest.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ip_address.h"
#include "core/election/move_reason.h"

namespace lvs {

using HardwareAddress = std::array<std::uint8_t, 6>;

enum class Claim : std::uint8_t {
  kUnknown,    // not heard yet
  kStandby,    // does not have the VIP and does not want it now
  kAsking,     // nobody seems to have it: asks the wire and claims the Lease
  kAccepting,  // the holder offered it: claims the Lease or puts the address on
  kTaking,     // nobody had it: its kernel is about to have the address
  kHolder,     // its kernel has the address
};

// One director's word about one VIP.
struct VipClaim {
  IpAddress vip;
  Claim claim = Claim::kUnknown;
  // Of the holder: the term of its acquisition. Of the others: the highest they know of.
  std::uint64_t term = 0;
  bool fit = false;      // it could serve the VIP
  bool wants = false;    // it ranks before the holder, is warm, and the policy lets it ask
  std::string offer_to;  // the holder would hand the VIP to this node; empty: to nobody
  MoveReason offer_reason = MoveReason::kRequested;  // why, if it does

  friend bool operator==(const VipClaim&, const VipClaim&) = default;
};

// "I heard your heartbeat `sequence`, so long ago": gives the other its round trip.
struct HeartbeatEcho {
  std::string node;
  std::uint64_t boot = 0;
  std::uint64_t sequence = 0;
  Duration held{0};

  friend bool operator==(const HeartbeatEcho&, const HeartbeatEcho&) = default;
};

struct Heartbeat {
  std::string node;
  std::uint64_t boot = 0;      // differs for each start of the agent
  std::uint64_t sequence = 0;  // grows by one with each heartbeat of a boot, from 1
  // The node's own, of the interfaces where VIPs may be: who answers on the wire is known by it.
  std::vector<HardwareAddress> hardware;
  bool warm = false;       // its connection table is complete
  bool available = false;  // neither drained nor leaving
  std::vector<VipClaim> vips;
  std::vector<HeartbeatEcho> echoes;

  friend bool operator==(const Heartbeat&, const Heartbeat&) = default;
};

}  // namespace lvs
