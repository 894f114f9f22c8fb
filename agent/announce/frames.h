// Announcement frames, Ethernet header included, as they go on the wire. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "agent/announce/frame_parts.h"

namespace lvs {

enum class ArpOperation : std::uint16_t { kRequest = 1, kReply = 2 };

// RFC 826 and 5227: sender and target protocol address are both `address`.
[[nodiscard]] Frame gratuitous_arp(ArpOperation operation, const IpAddress& address,
                                   const HardwareAddress& sender);
// RFC 4861 4.4, flags: override only; with the target link-layer address option.
[[nodiscard]] Frame unsolicited_advertisement(const IpAddress& address,
                                              const HardwareAddress& sender);

// All frames of one announcement of an address of either family, in the order to send.
[[nodiscard]] std::vector<Frame> announcement(const IpAddress& address,
                                              const HardwareAddress& sender);

}  // namespace lvs
