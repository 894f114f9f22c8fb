// What Ethernet frames are put together from. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/ip_address.h"

namespace lvs {

using HardwareAddress = std::array<std::uint8_t, 6>;
using Frame = std::vector<std::uint8_t>;
using FrameView = std::span<const std::uint8_t>;

inline constexpr std::uint16_t kEtherTypeArp = 0x0806;
inline constexpr std::uint16_t kEtherTypeIpv6 = 0x86dd;
inline constexpr std::uint8_t kIcmp6 = 58;
inline constexpr std::uint8_t kNeighbourSolicitation = 135;
inline constexpr std::uint8_t kNeighbourAdvertisement = 136;
inline constexpr std::uint8_t kSourceLinkLayerAddress = 1;  // options of the two (RFC 4861 4.6)
inline constexpr std::uint8_t kTargetLinkLayerAddress = 2;
inline constexpr std::uint8_t kNeighbourHopLimit = 255;  // receivers drop what was routed
inline constexpr HardwareAddress kBroadcastHardware{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

void put(Frame& frame, FrameView bytes);
void put16(Frame& frame, unsigned value);
void put_ethernet(Frame& frame, const HardwareAddress& to, const HardwareAddress& from,
                  std::uint16_t type);

// Over the pseudo-header (RFC 8200 8.1) and the message; 0 where the message holds its own right
// checksum.
[[nodiscard]] std::uint16_t icmp6_checksum(const IpAddress::Bytes& from, const IpAddress::Bytes& to,
                                           FrameView message);
// IPv6 header and an ICMPv6 message with its checksum, which is given as 0.
void put_icmp6(Frame& frame, const IpAddress::Bytes& from, const IpAddress::Bytes& to,
               Frame message);

// Both addresses as in RFC 826; `target_hardware` is all zero where it is asked for.
struct ArpPacket {
  std::uint16_t operation = 0;
  HardwareAddress sender_hardware{};
  IpAddress sender;
  HardwareAddress target_hardware{};
  IpAddress target;
};
void put_arp(Frame& frame, const ArpPacket& packet);

}  // namespace lvs
