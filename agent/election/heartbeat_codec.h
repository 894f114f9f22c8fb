// A heartbeat as bytes, without header and authentication (heartbeat_datagram.h). Pure.
//
//   u8 flags (1 warm, 2 available)
//   u8 count, count x (u8 length, name)          the first is the sender; others are named by index
//   u8 count, count x 6 bytes                    hardware addresses
//   u8 count, count x VIP:
//     u8 family (0x80: IPv6) | bytes shared with the VIP before of the same family (0..16)
//     the other bytes of the address
//     u8 claim (0x07) | fit (0x08) | wants (0x10) | is offered (0x20)
//     varint term
//     u8 index of the name that it is offered to   only when it is offered
//   u8 count, count x (u8 name, u64 boot, varint sequence, varint held ms)   echoes
//
// Boot and sequence stand in the header. 64 VIPs of one IPv6 network with terms below 128 and eight
// echoes take about 600 bytes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "core/election/heartbeat.h"

namespace lvs {

using HeartbeatBody = std::vector<std::uint8_t>;

// As Kubernetes names nodes: DNS names.
inline constexpr std::size_t kMaxHeartbeatName = 253;
// Of each list: names, hardware addresses, VIPs, echoes.
inline constexpr std::size_t kMaxHeartbeatList = 255;

// kInvalidArgument: an empty or too long name, or a list that is too long.
[[nodiscard]] Result<HeartbeatBody> encode_heartbeat(const Heartbeat& heartbeat);
// kCorrupt: not what encode_heartbeat() makes. Boot and sequence are left at 0.
[[nodiscard]] Result<Heartbeat> decode_heartbeat(std::span<const std::uint8_t> body);

}  // namespace lvs
