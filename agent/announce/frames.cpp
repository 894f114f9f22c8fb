#include "agent/announce/frames.h"

#include <algorithm>
#include <span>

namespace lvs {
namespace {

using View = std::span<const std::uint8_t>;

constexpr HardwareAddress kBroadcast{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
constexpr HardwareAddress kUnknown{};
constexpr std::uint16_t kEtherTypeArp = 0x0806;
constexpr std::uint16_t kEtherTypeIpv6 = 0x86dd;

// ff02::1 and the Ethernet address it maps to (RFC 2464 7).
constexpr IpAddress::Bytes kAllNodes{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
constexpr HardwareAddress kAllNodesHardware{0x33, 0x33, 0, 0, 0, 1};

constexpr std::uint8_t kIcmp6 = 58;
constexpr std::uint8_t kNeighbourAdvertisement = 136;
constexpr std::uint8_t kOverride = 0x20;
constexpr std::uint8_t kTargetLinkLayerAddress = 2;
constexpr std::size_t kAdvertisementBytes = 32;
constexpr std::uint8_t kHopLimit = 255;  // receivers drop anything that was routed

void put(Frame& frame, View bytes) { frame.insert(frame.end(), bytes.begin(), bytes.end()); }

void put16(Frame& frame, unsigned value) {
  frame.push_back(static_cast<std::uint8_t>(value >> 8));
  frame.push_back(static_cast<std::uint8_t>(value));
}

void put_ethernet(Frame& frame, const HardwareAddress& to, const HardwareAddress& from,
                  std::uint16_t type) {
  put(frame, to);
  put(frame, from);
  put16(frame, type);
}

std::uint32_t sum16(View bytes) {  // an even number of bytes
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    sum += static_cast<std::uint32_t>(bytes[i] << 8 | bytes[i + 1]);
  }
  return sum;
}

// Over the pseudo-header (RFC 8200 8.1) and the message.
std::uint16_t icmp6_checksum(const IpAddress& from, View message) {
  std::uint32_t sum = sum16(from.bytes()) + sum16(kAllNodes) +
                      static_cast<std::uint32_t>(message.size()) + kIcmp6 + sum16(message);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

Frame advertisement_message(const IpAddress& address, const HardwareAddress& sender) {
  Frame message{kNeighbourAdvertisement, 0, 0, 0, kOverride, 0, 0, 0};
  put(message, address.bytes());
  message.push_back(kTargetLinkLayerAddress);
  message.push_back(1);  // in units of 8 bytes
  put(message, sender);
  const std::uint16_t checksum = icmp6_checksum(address, message);
  message[2] = static_cast<std::uint8_t>(checksum >> 8);
  message[3] = static_cast<std::uint8_t>(checksum);
  return message;
}

}  // namespace

Frame gratuitous_arp(ArpOperation operation, const IpAddress& address,
                     const HardwareAddress& sender) {
  const View protocol_address = View(address.bytes()).first(4);
  Frame frame;
  put_ethernet(frame, kBroadcast, sender, kEtherTypeArp);
  put16(frame, 1);       // Ethernet
  put16(frame, 0x0800);  // IPv4
  frame.push_back(6);
  frame.push_back(4);
  put16(frame, static_cast<std::uint16_t>(operation));
  put(frame, sender);
  put(frame, protocol_address);
  // Linux takes a reply for gratuitous only when both hardware addresses are equal (arp_is_garp).
  put(frame, operation == ArpOperation::kReply ? sender : kUnknown);
  put(frame, protocol_address);
  return frame;
}

Frame unsolicited_advertisement(const IpAddress& address, const HardwareAddress& sender) {
  Frame frame;
  put_ethernet(frame, kAllNodesHardware, sender, kEtherTypeIpv6);
  put16(frame, 0x6000);  // version 6, no traffic class
  put16(frame, 0);       // no flow label
  put16(frame, kAdvertisementBytes);
  frame.push_back(kIcmp6);
  frame.push_back(kHopLimit);
  put(frame, address.bytes());
  put(frame, kAllNodes);
  put(frame, advertisement_message(address, sender));
  return frame;
}

std::vector<Frame> announcement(const IpAddress& address, const HardwareAddress& sender) {
  if (address.family() == Family::kV6) return {unsolicited_advertisement(address, sender)};
  return {gratuitous_arp(ArpOperation::kRequest, address, sender),
          gratuitous_arp(ArpOperation::kReply, address, sender)};
}

}  // namespace lvs
