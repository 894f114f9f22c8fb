#include "cli/frames.h"

#include <algorithm>
#include <cstdio>
#include <optional>

namespace lvs::cli {
namespace {

constexpr std::size_t kEthernetHeader = 14;
constexpr std::uint16_t kIpv4 = 0x0800;
constexpr std::uint16_t kIpv6 = 0x86dd;
constexpr std::uint8_t kTcp = 6;

using Bytes = std::span<const std::uint8_t>;

std::uint16_t number_at(Bytes bytes, std::size_t offset) {
  return static_cast<std::uint16_t>(bytes[offset] << 8U | bytes[offset + 1]);
}

struct Segment {
  Endpoint from;
  Endpoint to;
};

IpAddress address_at(Bytes packet, std::size_t offset, Family family) {
  IpAddress::Bytes bytes{};
  const std::size_t size = family == Family::kV4 ? 4 : 16;
  std::copy_n(packet.begin() + static_cast<std::ptrdiff_t>(offset), size, bytes.begin());
  return IpAddress(family, bytes);
}

// Without extension headers of IPv6: a TCP connection to a service has none.
std::optional<Segment> read_segment(Bytes packet, std::uint16_t type) {
  const bool v4 = type == kIpv4;
  const std::size_t least = v4 ? 20 : 40;
  if ((!v4 && type != kIpv6) || packet.size() < least) return std::nullopt;
  if (packet[v4 ? 9 : 6] != kTcp) return std::nullopt;
  const std::size_t header = v4 ? std::size_t{4} * (packet[0] & 0x0fU) : least;
  if (header < least || packet.size() < header + 4) return std::nullopt;
  const Family family = v4 ? Family::kV4 : Family::kV6;
  return Segment{{address_at(packet, v4 ? 12 : 8, family), number_at(packet, header)},
                 {address_at(packet, v4 ? 16 : 24, family), number_at(packet, header + 2)}};
}

bool is_of(const Endpoint& a, const Endpoint& b) {
  return a.address == b.address && a.port == b.port;
}

Mac mac_at(Bytes frame, std::size_t offset) {
  Mac mac{};
  std::copy_n(frame.begin() + static_cast<std::ptrdiff_t>(offset), mac.size(), mac.begin());
  return mac;
}

std::string ending(const FrameCounts& counts, bool passed_the_director) {
  if (counts.answered.empty()) {
    return "does not hold: no answer was seen; is the service's address on an Ethernet segment "
           "of this machine?";
  }
  if (passed_the_director) {
    return "does not hold: answers come from the hardware that was asked. Either the director "
           "passes them (no direct routing), or a router stands between here and the service: run "
           "this on the service's own segment";
  }
  return "holds: every answer comes from other hardware than the one that was asked";
}

}  // namespace

std::string to_string(const Mac& mac) {
  std::array<char, 18> text{};
  std::snprintf(text.data(), text.size(), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
                mac[3], mac[4], mac[5]);
  return text.data();
}

void count_frame(Bytes frame, const Endpoint& service, FrameCounts& counts) {
  if (frame.size() < kEthernetHeader) return;
  const auto segment = read_segment(frame.subspan(kEthernetHeader), number_at(frame, 12));
  if (!segment) return;
  if (is_of(segment->to, service)) ++counts.asked[mac_at(frame, 0)];
  if (is_of(segment->from, service)) ++counts.answered[mac_at(frame, 6)];
}

Verdict judge_dsr(const FrameCounts& counts, const std::map<Mac, std::string>& names, bool colour) {
  TextTable table({"HARDWARE", "ADDRESS", "REQUEST FRAMES TO", "ANSWER FRAMES FROM"});
  std::set<Mac> all;
  for (const auto& [mac, count] : counts.asked) all.insert(mac);
  for (const auto& [mac, count] : counts.answered) all.insert(mac);
  bool passed = false;
  for (const Mac& mac : all) {
    const auto asked = counts.asked.find(mac);
    const auto answered = counts.answered.find(mac);
    const auto name = names.find(mac);
    passed = passed || (asked != counts.asked.end() && answered != counts.answered.end());
    table.add({to_string(mac), name == names.end() ? "" : name->second,
               asked == counts.asked.end() ? "" : std::to_string(asked->second),
               answered == counts.answered.end() ? "" : std::to_string(answered->second)});
  }
  const bool holds = !passed && !counts.answered.empty();
  return {(table.empty() ? "" : table.to_string(0, colour)) +
              paint(ending(counts, passed), holds ? Tone::kGood : Tone::kBad, colour) + "\n",
          holds};
}

}  // namespace lvs::cli
