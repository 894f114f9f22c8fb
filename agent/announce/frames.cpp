#include "agent/announce/frames.h"

namespace lvs {
namespace {

// ff02::1 and the Ethernet address it maps to (RFC 2464 7).
constexpr IpAddress::Bytes kAllNodes{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
constexpr HardwareAddress kAllNodesHardware{0x33, 0x33, 0, 0, 0, 1};

constexpr std::uint8_t kOverride = 0x20;

}  // namespace

Frame gratuitous_arp(ArpOperation operation, const IpAddress& address,
                     const HardwareAddress& sender) {
  Frame frame;
  put_ethernet(frame, kBroadcastHardware, sender, kEtherTypeArp);
  // Linux takes a reply for gratuitous only when both hardware addresses are equal (arp_is_garp).
  const HardwareAddress target = operation == ArpOperation::kReply ? sender : HardwareAddress{};
  put_arp(frame, {static_cast<std::uint16_t>(operation), sender, address, target, address});
  return frame;
}

Frame unsolicited_advertisement(const IpAddress& address, const HardwareAddress& sender) {
  Frame message{kNeighbourAdvertisement, 0, 0, 0, kOverride, 0, 0, 0};
  put(message, address.bytes());
  message.push_back(kTargetLinkLayerAddress);
  message.push_back(1);  // in units of 8 bytes
  put(message, sender);
  Frame frame;
  put_ethernet(frame, kAllNodesHardware, sender, kEtherTypeIpv6);
  put_icmp6(frame, address.bytes(), kAllNodes, message);
  return frame;
}

std::vector<Frame> announcement(const IpAddress& address, const HardwareAddress& sender) {
  if (address.family() == Family::kV6) return {unsolicited_advertisement(address, sender)};
  return {gratuitous_arp(ArpOperation::kRequest, address, sender),
          gratuitous_arp(ArpOperation::kReply, address, sender)};
}

}  // namespace lvs
