// Byte by byte against RFC 826, 5227 and 4861; the ICMPv6 checksum was computed by other means.
#include <gmock/gmock.h>

#include "agent/announce/frames.h"

namespace lvs {
namespace {

const HardwareAddress kMac{0x02, 0xaa, 0xbb, 0xcc, 0xdd, 0xee};

IpAddress address_of(const char* text) { return IpAddress::parse(text).value(); }

TEST(AnnouncementFrames, ArpRequest) {
  const Frame expected{
      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0xaa, 0xbb, 0xcc,
      0xdd, 0xee, 0x08, 0x06,                                   // Ethernet
      0x00, 0x01, 0x08, 0x00, 0x06, 0x04, 0x00, 0x01,           // request
      0x02, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 192,  0,    2,    1,  // sender
      0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 192,  0,    2,    1,  // target
  };
  EXPECT_EQ(gratuitous_arp(ArpOperation::kRequest, address_of("192.0.2.1"), kMac), expected);
}

TEST(AnnouncementFrames, ArpReplyNamesTheSenderTwice) {
  const Frame expected{
      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0x08, 0x06,
      0x00, 0x01, 0x08, 0x00, 0x06, 0x04, 0x00, 0x02, 0x02, 0xaa, 0xbb, 0xcc, 0xdd, 0xee,
      192,  0,    2,    1,    0x02, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 192,  0,    2,    1,
  };
  EXPECT_EQ(gratuitous_arp(ArpOperation::kReply, address_of("192.0.2.1"), kMac), expected);
}

TEST(AnnouncementFrames, NeighbourAdvertisement) {
  const Frame expected{
      0x33, 0x33, 0x00, 0x00, 0x00, 0x01, 0x02, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0x86, 0xdd,  // Ethernet
      0x60, 0x00, 0x00, 0x00, 0x00, 0x20, 58,   255,                                       // IPv6
      0x20, 0x01, 0x0d, 0xb8, 0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
      1,    0xff, 0x02, 0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
      0,    1,    136,  0,    0x5e, 0xc6, 0x20, 0x00, 0x00, 0x00,  // override, not solicited
      0x20, 0x01, 0x0d, 0xb8, 0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
      1,    2,    1,    0x02, 0xaa, 0xbb, 0xcc, 0xdd, 0xee,  // target link-layer address
  };
  EXPECT_EQ(unsolicited_advertisement(address_of("2001:db8::1"), kMac), expected);
}

// A receiver sums the pseudo-header and the message, checksum included, to all ones.
TEST(AnnouncementFrames, ChecksumIsRightForManyAddresses) {
  for (unsigned n = 0; n < 1'000; ++n) {
    IpAddress::Bytes bytes = address_of("2001:db8::").bytes();
    bytes[9] = static_cast<std::uint8_t>(n * 37);
    bytes[15] = static_cast<std::uint8_t>(n);
    const Frame frame = unsolicited_advertisement(IpAddress(Family::kV6, bytes), kMac);
    std::uint32_t sum = 58 + 32;
    for (std::size_t i = 22; i < frame.size(); i += 2) {
      sum += static_cast<std::uint32_t>(frame[i] << 8 | frame[i + 1]);
    }
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
    ASSERT_EQ(sum, 0xffffU) << n;
  }
}

TEST(AnnouncementFrames, BothFormsForIpv4OneForIpv6) {
  EXPECT_THAT(
      announcement(address_of("192.0.2.1"), kMac),
      ::testing::ElementsAre(gratuitous_arp(ArpOperation::kRequest, address_of("192.0.2.1"), kMac),
                             gratuitous_arp(ArpOperation::kReply, address_of("192.0.2.1"), kMac)));
  EXPECT_EQ(announcement(address_of("2001:db8::1"), kMac).size(), 1U);
}

}  // namespace
}  // namespace lvs
