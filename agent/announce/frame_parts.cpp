#include "agent/announce/frame_parts.h"

namespace lvs {
namespace {

std::uint32_t sum16(FrameView bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    sum += static_cast<std::uint32_t>(bytes[i] << 8 | bytes[i + 1]);
  }
  if (bytes.size() % 2 != 0) sum += static_cast<std::uint32_t>(bytes.back() << 8);
  return sum;
}

}  // namespace

void put(Frame& frame, FrameView bytes) { frame.insert(frame.end(), bytes.begin(), bytes.end()); }

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

std::uint16_t icmp6_checksum(const IpAddress::Bytes& from, const IpAddress::Bytes& to,
                             FrameView message) {
  std::uint32_t sum = sum16(from) + sum16(to) + static_cast<std::uint32_t>(message.size()) +
                      kIcmp6 + sum16(message);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

void put_icmp6(Frame& frame, const IpAddress::Bytes& from, const IpAddress::Bytes& to,
               Frame message) {
  put16(frame, 0x6000);  // version 6, no traffic class
  put16(frame, 0);       // no flow label
  put16(frame, static_cast<unsigned>(message.size()));
  frame.push_back(kIcmp6);
  frame.push_back(kNeighbourHopLimit);
  put(frame, from);
  put(frame, to);
  const std::uint16_t checksum = icmp6_checksum(from, to, message);
  message[2] = static_cast<std::uint8_t>(checksum >> 8);
  message[3] = static_cast<std::uint8_t>(checksum);
  put(frame, message);
}

void put_arp(Frame& frame, const ArpPacket& packet) {
  put16(frame, 1);       // Ethernet
  put16(frame, 0x0800);  // IPv4
  frame.push_back(6);
  frame.push_back(4);
  put16(frame, packet.operation);
  put(frame, packet.sender_hardware);
  put(frame, FrameView(packet.sender.bytes()).first(4));
  put(frame, packet.target_hardware);
  put(frame, FrameView(packet.target.bytes()).first(4));
}

}  // namespace lvs
