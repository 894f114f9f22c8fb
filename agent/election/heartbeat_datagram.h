// Heartbeats as authenticated datagrams.
//
//   4 bytes "LVS" and version 1 | u32 key id | u64 boot | u64 sequence | u8 part | u8 parts
//   slice of the body (heartbeat_codec.h) | HMAC-SHA-256 over everything before
//
// A datagram has at most 1400 bytes, so that it is nowhere fragmented. One is enough for nearly any
// heartbeat; a longer body is cut into up to four, and the receiver needs all of them. Longer ones
// are refused: the election then has to put fewer VIPs in (ElectionConfig::vips_per_heartbeat; 64
// always fit with node names of up to 63 bytes and 8 directors).
//
// Nothing of a datagram is believed, nor looked at except version and key id, before its HMAC is
// right. Pure apart from OpenSSL.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "agent/election/heartbeat_codec.h"
#include "agent/election/heartbeat_keys.h"

namespace lvs {

using Datagram = std::vector<std::uint8_t>;

inline constexpr std::size_t kMaxDatagram = 1400;
inline constexpr std::size_t kMaxDatagramParts = 4;

struct HeartbeatPart {
  std::uint64_t boot = 0;
  std::uint64_t sequence = 0;
  std::uint8_t part = 0;  // from 0
  std::uint8_t parts = 1;
  std::vector<std::uint8_t> slice;
};

enum class DatagramFault : std::uint8_t {
  kMalformed,  // too short, too long, another version, or numbers that cannot be
  kBadKey,     // a key id that is not in the ring
  kBadMac,
};

// kInvalidArgument: too long, or as encode_heartbeat().
[[nodiscard]] Result<std::vector<Datagram>> seal_heartbeat(const Heartbeat& heartbeat,
                                                           HeartbeatKey& key);
[[nodiscard]] tl::expected<HeartbeatPart, DatagramFault> open_datagram(
    std::span<const std::uint8_t> datagram, HeartbeatKeyRing& keys);

// What it says to be of; not authenticated: good for nothing but to decide whose cost it is.
[[nodiscard]] std::uint64_t claimed_boot(std::span<const std::uint8_t> datagram);

// Puts the parts of a heartbeat together, whatever their order. Keeps one unfinished heartbeat of
// each boot, the newest, and of at most kMaxBoots boots.
class HeartbeatAssembler {
 public:
  static constexpr std::size_t kMaxBoots = 64;

  // The heartbeat, once its last part came; nothing while parts are missing.
  [[nodiscard]] std::optional<Result<Heartbeat>> add(HeartbeatPart part);

 private:
  struct Unfinished {
    std::uint64_t sequence = 0;
    std::uint64_t touched = 0;
    std::vector<std::vector<std::uint8_t>> slices;  // empty: missing
  };
  void make_room();

  std::map<std::uint64_t, Unfinished> by_boot_;
  std::uint64_t touches_ = 0;
};

}  // namespace lvs
