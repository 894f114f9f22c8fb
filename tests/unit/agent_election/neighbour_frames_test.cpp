#include "agent/election/neighbour_frames.h"

#include <gtest/gtest.h>

#include "agent/announce/frames.h"
#include "samples.h"

namespace lvs {
namespace {

using Kind = NeighbourWord::Kind;
using testing::hardware;
using testing::ip;

const HardwareAddress kOwn = hardware(1);
const HardwareAddress kOther = hardware(2);

ObservedAddress address(const std::string& text, int prefix, const std::string& interface,
                        bool owned = false) {
  return {ip(text), prefix, interface, owned, 0, false};
}

Frame arp(std::uint16_t operation, const std::string& sender, const HardwareAddress& target,
          const std::string& target_address, const HardwareAddress& to) {
  Frame frame;
  put_ethernet(frame, to, kOther, kEtherTypeArp);
  put_arp(frame, {operation, kOther, ip(sender), target, ip(target_address)});
  return frame;
}

// As the holder's kernel answers a solicitation.
Frame advertisement(std::uint8_t flags, const HardwareAddress& to, bool option = true) {
  Frame message{kNeighbourAdvertisement, 0, 0, 0, flags, 0, 0, 0};
  put(message, ip("2001:db8::1").bytes());
  if (option) {
    message.insert(message.end(), {kTargetLinkLayerAddress, 1});
    put(message, hardware(3));
  }
  Frame frame;
  put_ethernet(frame, to, kOther, kEtherTypeIpv6);
  put_icmp6(frame, ip("fe80::2").bytes(), ip("fe80::1").bytes(), message);
  return frame;
}

TEST(WireQuestion, ArpAsksAllFromAnAddressOfOurs) {
  const Frame frame = wire_question(ip("192.0.2.1"), kOwn, ip("192.0.2.77"));
  const Frame expected{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0,   1, 8, 6,
                       0,    1,    8,    0,    6,    4,    0, 1, 2, 0, 0,   0, 0, 1,
                       192,  0,    2,    77,   0,    0,    0, 0, 0, 0, 192, 0, 2, 1};
  EXPECT_EQ(frame, expected);
}

TEST(WireQuestion, WithoutAnAddressItIsAProbe) {
  const Frame frame = wire_question(ip("192.0.2.1"), kOwn, std::nullopt);
  EXPECT_EQ(Frame(frame.begin() + 28, frame.begin() + 32), (Frame{0, 0, 0, 0}));
}

TEST(WireQuestion, Ipv6GoesToTheSolicitedNodeGroup) {
  const Frame frame = wire_question(ip("2001:db8::12:3456"), kOwn, ip("fe80::1"));
  ASSERT_EQ(frame.size(), 14U + 40 + 32);
  EXPECT_EQ(Frame(frame.begin(), frame.begin() + 6), (Frame{0x33, 0x33, 0xff, 0x12, 0x34, 0x56}));
  EXPECT_EQ(frame[21], 255);  // hop limit
  IpAddress::Bytes group{};
  std::copy_n(frame.begin() + 38, 16, group.begin());
  EXPECT_EQ(IpAddress(Family::kV6, group), ip("ff02::1:ff12:3456"));
  EXPECT_EQ(icmp6_checksum(ip("fe80::1").bytes(), group, FrameView(frame).subspan(54)), 0);
}

TEST(WireQuestion, Ipv6WithoutASourceHasNoOption) {
  EXPECT_EQ(wire_question(ip("2001:db8::1"), kOwn, std::nullopt).size(), 14U + 40 + 24);
}

TEST(QuestionSource, IsOfTheVipsNetworkAndOurOwn) {
  const std::vector<ObservedAddress> addresses{
      address("192.0.2.99", 32, "eth0", true), address("198.51.100.7", 24, "eth0"),
      address("192.0.2.7", 24, "eth1"),        address("192.0.2.8", 24, "eth0"),
      address("fe80::1", 64, "eth1"),          address("2001:db8::7", 64, "eth0"),
      address("fe80::2", 64, "eth0")};
  EXPECT_EQ(question_source(ip("192.0.2.1"), "eth0", addresses), ip("192.0.2.8"));
  EXPECT_EQ(question_source(ip("203.0.113.1"), "eth0", addresses), ip("198.51.100.7"));
  EXPECT_EQ(question_source(ip("2001:db8::1"), "eth0", addresses), ip("fe80::2"));
  EXPECT_EQ(question_source(ip("192.0.2.1"), "eth2", addresses), std::nullopt);
}

TEST(NeighbourFrame, AnArpReplyToUsIsAnAnswer) {
  EXPECT_EQ(read_neighbour_frame(arp(2, "192.0.2.1", kOwn, "192.0.2.77", kOwn), kOwn),
            (NeighbourWord{Kind::kAnswer, ip("192.0.2.1"), kOther}));
  EXPECT_EQ(read_neighbour_frame(arp(2, "192.0.2.1", kOwn, "0.0.0.0", kOwn), kOwn)->kind,
            Kind::kAnswer);
}

TEST(NeighbourFrame, WhatAMachineSaysToOthersIsAnAnnouncement) {
  for (const Frame& frame : {gratuitous_arp(ArpOperation::kRequest, ip("192.0.2.1"), kOther),
                             gratuitous_arp(ArpOperation::kReply, ip("192.0.2.1"), kOther),
                             arp(2, "192.0.2.1", hardware(9), "192.0.2.9", kBroadcastHardware),
                             arp(1, "192.0.2.1", {}, "192.0.2.9", kBroadcastHardware)}) {
    EXPECT_EQ(read_neighbour_frame(frame, kOwn),
              (NeighbourWord{Kind::kAnnouncement, ip("192.0.2.1"), kOther}));
  }
}

TEST(NeighbourFrame, AQuestionSaysNothing) {
  EXPECT_FALSE(read_neighbour_frame(wire_question(ip("192.0.2.1"), kOther, std::nullopt), kOwn));
  EXPECT_FALSE(read_neighbour_frame(wire_question(ip("2001:db8::1"), kOther, std::nullopt), kOwn));
  // Nothing about the VIP, that is: who asks says that he has his own address.
  EXPECT_EQ(
      read_neighbour_frame(wire_question(ip("192.0.2.1"), kOther, ip("192.0.2.9")), kOwn)->address,
      ip("192.0.2.9"));
}

TEST(NeighbourFrame, OurOwnAreIgnored) {
  for (const Frame& frame : announcement(ip("192.0.2.1"), kOwn)) {
    EXPECT_FALSE(read_neighbour_frame(frame, kOwn));
  }
  EXPECT_FALSE(read_neighbour_frame(unsolicited_advertisement(ip("2001:db8::1"), kOwn), kOwn));
}

TEST(NeighbourFrame, NeighbourAdvertisements) {
  EXPECT_EQ(read_neighbour_frame(advertisement(0x60, kOwn), kOwn),
            (NeighbourWord{Kind::kAnswer, ip("2001:db8::1"), hardware(3)}));
  EXPECT_EQ(read_neighbour_frame(advertisement(0x60, kOwn, false), kOwn)->from, kOther);
  EXPECT_EQ(read_neighbour_frame(advertisement(0x60, hardware(9)), kOwn)->kind,
            Kind::kAnnouncement);
  EXPECT_EQ(read_neighbour_frame(unsolicited_advertisement(ip("2001:db8::1"), kOther), kOwn),
            (NeighbourWord{Kind::kAnnouncement, ip("2001:db8::1"), kOther}));
}

TEST(NeighbourFrame, WhoSolicitsFromTheVipHasIt) {
  const Frame frame = wire_question(ip("2001:db8::9"), kOther, ip("2001:db8::1"));
  EXPECT_EQ(read_neighbour_frame(frame, kOwn),
            (NeighbourWord{Kind::kAnnouncement, ip("2001:db8::1"), kOther}));
}

TEST(NeighbourFrame, RoutedOrChangedAdvertisementsAreIgnored) {
  const Frame good = advertisement(0x60, kOwn);
  Frame routed = good;
  routed[21] = 254;
  EXPECT_FALSE(read_neighbour_frame(routed, kOwn));
  for (std::size_t i = 22; i < good.size(); ++i) {  // addresses and message: the checksum covers it
    Frame changed = good;
    changed[i] = static_cast<std::uint8_t>(changed[i] ^ 1);
    EXPECT_FALSE(read_neighbour_frame(changed, kOwn)) << i;
  }
}

TEST(NeighbourFrame, TruncatedAnywhereIsIgnored) {
  const Frame reply = arp(2, "192.0.2.1", kOwn, "192.0.2.77", kOwn);
  for (const Frame& frame : {reply, advertisement(0x60, kOwn)}) {
    for (std::size_t size = 0; size < frame.size(); ++size) {
      EXPECT_FALSE(read_neighbour_frame(FrameView(frame).first(size), kOwn)) << size;
    }
  }
}

TEST(NeighbourFrame, PaddingIsNoHarm) {
  Frame frame = advertisement(0x60, kOwn);
  frame.resize(frame.size() + 6, 0xaa);
  EXPECT_TRUE(read_neighbour_frame(frame, kOwn));
}

TEST(NeighbourFrame, AGroupIsNoMachine) {
  Frame frame = arp(2, "192.0.2.1", kOwn, "192.0.2.77", kOwn);
  frame[22] = 0x03;  // sender's hardware address
  EXPECT_FALSE(read_neighbour_frame(frame, kOwn));
}

}  // namespace
}  // namespace lvs
