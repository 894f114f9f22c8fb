#include "agent/election/neighbour_frames.h"

#include <algorithm>

#include "agent/election/byte_reader.h"

namespace lvs {
namespace {

constexpr std::uint16_t kArpRequest = 1;
constexpr std::uint16_t kArpReply = 2;
constexpr std::uint8_t kSolicited = 0x40;
constexpr std::size_t kOptionUnit = 8;

// ff02::1:ffXX:XXXX with the last three bytes of the address, and what it maps to on Ethernet.
IpAddress::Bytes solicited_node(const IpAddress& address) {
  IpAddress::Bytes group{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0, 0, 0};
  std::copy_n(address.bytes().begin() + 13, 3, group.begin() + 13);
  return group;
}

HardwareAddress multicast_hardware(const IpAddress::Bytes& group) {
  return {0x33, 0x33, group[12], group[13], group[14], group[15]};
}

Frame arp_question(const IpAddress& vip, const HardwareAddress& sender,
                   const std::optional<IpAddress>& source) {
  Frame frame;
  put_ethernet(frame, kBroadcastHardware, sender, kEtherTypeArp);
  put_arp(frame, {kArpRequest, sender, source.value_or(IpAddress()), {}, vip});
  return frame;
}

Frame neighbour_question(const IpAddress& vip, const HardwareAddress& sender,
                         const std::optional<IpAddress>& source) {
  Frame message{kNeighbourSolicitation, 0, 0, 0, 0, 0, 0, 0};
  put(message, vip.bytes());
  if (source) {  // from :: the option must not be there (RFC 4861 4.3)
    message.push_back(kSourceLinkLayerAddress);
    message.push_back(1);
    put(message, sender);
  }
  const IpAddress::Bytes group = solicited_node(vip);
  Frame frame;
  put_ethernet(frame, multicast_hardware(group), sender, kEtherTypeIpv6);
  put_icmp6(frame, source.value_or(IpAddress()).bytes(), group, std::move(message));
  return frame;
}

bool is_machine(const HardwareAddress& address) {
  return (address[0] & 1) == 0 && address != HardwareAddress{};
}

struct Ethernet {
  HardwareAddress to{};
  HardwareAddress from{};
};

std::optional<NeighbourWord> read_arp(ByteReader in, const Ethernet& ethernet,
                                      const HardwareAddress& own) {
  const bool ours_to_read = in.u16() == 1 && in.u16() == 0x0800 && in.u8() == 6 && in.u8() == 4;
  const std::uint16_t operation = in.u16();
  NeighbourWord word;
  in.fill(std::span(word.from));
  IpAddress::Bytes sender{};
  in.fill(std::span(sender).first<4>());
  HardwareAddress target{};
  in.fill(std::span(target));
  const auto target_address = in.bytes(4);
  if (!in.ok() || !ours_to_read || (operation != kArpRequest && operation != kArpReply)) {
    return std::nullopt;
  }
  word.address = IpAddress(Family::kV4, sender);
  const bool gratuitous = std::equal(target_address.begin(), target_address.end(), sender.begin());
  const bool to_us = operation == kArpReply && target == own && ethernet.to == own;
  word.kind =
      to_us && !gratuitous ? NeighbourWord::Kind::kAnswer : NeighbourWord::Kind::kAnnouncement;
  return word;
}

// Nothing: a malformed option. `fallback`, where there is none of that type.
std::optional<HardwareAddress> link_layer_option(FrameView options, std::uint8_t type,
                                                 const HardwareAddress& fallback) {
  HardwareAddress found = fallback;
  while (!options.empty()) {
    if (options.size() < 2 || options[1] == 0) return std::nullopt;
    const std::size_t size = options[1] * kOptionUnit;
    if (size > options.size()) return std::nullopt;
    if (options[0] == type) std::copy_n(options.begin() + 2, found.size(), found.begin());
    options = options.subspan(size);
  }
  return found;
}

// Checks the checksum; `message` ends where the IPv6 header says.
std::optional<NeighbourWord> read_icmp6(FrameView message, const IpAddress::Bytes& from,
                                        const IpAddress::Bytes& to, const Ethernet& ethernet,
                                        const HardwareAddress& own) {
  if (icmp6_checksum(from, to, message) != 0) return std::nullopt;
  ByteReader in(message);
  const std::uint8_t type = in.u8();
  const std::uint8_t code = in.u8();
  (void)in.u16();
  const std::uint8_t flags = in.u8();
  (void)in.bytes(3);
  IpAddress::Bytes target{};
  in.fill(std::span(target));
  if (!in.ok() || code != 0) return std::nullopt;
  const bool advertises = type == kNeighbourAdvertisement;
  if (!advertises && type != kNeighbourSolicitation) return std::nullopt;
  const auto hardware = link_layer_option(
      message.subspan(8 + target.size()),
      advertises ? kTargetLinkLayerAddress : kSourceLinkLayerAddress, ethernet.from);
  if (!hardware) return std::nullopt;
  NeighbourWord word;
  word.address = IpAddress(Family::kV6, advertises ? target : from);
  word.from = *hardware;
  const bool to_us = advertises && (flags & kSolicited) != 0 && ethernet.to == own;
  word.kind = to_us ? NeighbourWord::Kind::kAnswer : NeighbourWord::Kind::kAnnouncement;
  return word;
}

std::optional<NeighbourWord> read_ipv6(ByteReader in, const Ethernet& ethernet,
                                       const HardwareAddress& own) {
  const bool version_6 = in.u32() >> 28 == 6;
  const std::size_t size = in.u16();
  const bool neighbour = in.u8() == kIcmp6 && in.u8() == kNeighbourHopLimit;
  IpAddress::Bytes from{};
  IpAddress::Bytes to{};
  in.fill(std::span(from));
  in.fill(std::span(to));
  const auto message = in.bytes(size);
  if (!in.ok() || !version_6 || !neighbour) return std::nullopt;
  return read_icmp6(message, from, to, ethernet, own);
}

}  // namespace

Frame wire_question(const IpAddress& vip, const HardwareAddress& sender,
                    const std::optional<IpAddress>& source) {
  return vip.family() == Family::kV4 ? arp_question(vip, sender, source)
                                     : neighbour_question(vip, sender, source);
}

std::optional<IpAddress> question_source(const IpAddress& vip, const std::string& interface,
                                         const std::vector<ObservedAddress>& addresses) {
  std::optional<IpAddress> any;
  for (const ObservedAddress& candidate : addresses) {
    const IpAddress& address = candidate.address;
    if (candidate.interface != interface || candidate.owned || address == vip) continue;
    if (address.family() != vip.family() || candidate.duplicate_detected) continue;
    if (vip.family() == Family::kV6 && !address.is_link_local()) continue;
    if (IpNetwork{address, candidate.prefix_length}.contains(vip)) return address;
    if (!any) any = address;
  }
  return any;
}

std::optional<NeighbourWord> read_neighbour_frame(FrameView frame, const HardwareAddress& own) {
  ByteReader in(frame);
  Ethernet ethernet;
  in.fill(std::span(ethernet.to));
  in.fill(std::span(ethernet.from));
  const std::uint16_t type = in.u16();
  if (!in.ok() || ethernet.from == own) return std::nullopt;
  std::optional<NeighbourWord> word;
  if (type == kEtherTypeArp) word = read_arp(in, ethernet, own);
  if (type == kEtherTypeIpv6) word = read_ipv6(in, ethernet, own);
  const bool usable =
      word && is_machine(word->from) && word->from != own && !word->address.is_unspecified();
  return usable ? word : std::nullopt;
}

}  // namespace lvs
