#include "agent/election/heartbeat_datagram.h"

#include <gtest/gtest.h>

#include "samples.h"

namespace lvs {
namespace {

using testing::kKeyOne;
using testing::kKeyTwo;
using testing::large_heartbeat;
using testing::ring;
using testing::small_heartbeat;

std::vector<Datagram> sealed(const Heartbeat& heartbeat, HeartbeatKeyRing keys = ring()) {
  return seal_heartbeat(heartbeat, keys.signer()).value();
}

DatagramFault fault_of(const Datagram& datagram, HeartbeatKeyRing keys = ring()) {
  const auto part = open_datagram(datagram, keys);
  return part ? ADD_FAILURE() << "accepted", DatagramFault{} : part.error();
}

TEST(HeartbeatDatagram, WhatIsSealedIsOpened) {
  auto keys = ring();
  const auto datagrams = sealed(small_heartbeat());
  ASSERT_EQ(datagrams.size(), 1U);
  EXPECT_EQ(claimed_boot(datagrams[0]), small_heartbeat().boot);
  HeartbeatAssembler assembler;
  EXPECT_EQ(assembler.add(open_datagram(datagrams[0], keys).value())->value(), small_heartbeat());
}

TEST(HeartbeatDatagram, AUsualHeartbeatIsOneDatagram) {
  for (const Family family : {Family::kV4, Family::kV6}) {
    const auto datagrams = sealed(testing::usual_heartbeat(family));
    ASSERT_EQ(datagrams.size(), 1U);
    EXPECT_LT(datagrams[0].size(), 900U);
  }
}

TEST(HeartbeatDatagram, ALargeHeartbeatIsCutAndPutTogetherInAnyOrder) {
  auto keys = ring();
  auto datagrams = sealed(large_heartbeat());
  ASSERT_GT(datagrams.size(), 1U);
  ASSERT_LE(datagrams.size(), kMaxDatagramParts);
  std::sort(datagrams.begin(), datagrams.end());
  do {
    HeartbeatAssembler assembler;
    for (const Datagram& datagram : datagrams) {
      EXPECT_LE(datagram.size(), kMaxDatagram);
      const auto heartbeat = assembler.add(open_datagram(datagram, keys).value());
      ASSERT_EQ(heartbeat.has_value(), &datagram == &datagrams.back());
      EXPECT_TRUE(!heartbeat || heartbeat->value() == large_heartbeat());
    }
  } while (std::next_permutation(datagrams.begin(), datagrams.end()));
}

TEST(HeartbeatDatagram, WhatDoesNotFitIsRefusedBeforeItIsSent) {
  Heartbeat heartbeat = large_heartbeat();
  for (int i = 0; i < 20; ++i) {
    heartbeat.echoes.push_back({std::string(240, static_cast<char>('a' + i)), 1, 1, Duration{1}});
  }
  auto keys = ring();
  EXPECT_EQ(seal_heartbeat(heartbeat, keys.signer()).error().code, ErrorCode::kInvalidArgument);
}

TEST(HeartbeatDatagram, PartsOfTwoHeartbeatsAreNotMixed) {
  auto keys = ring();
  Heartbeat next = large_heartbeat();
  ++next.sequence;
  next.warm = true;
  const auto first = sealed(large_heartbeat());
  const auto second = sealed(next);
  HeartbeatAssembler assembler;
  EXPECT_FALSE(assembler.add(open_datagram(first[0], keys).value()));
  std::optional<Result<Heartbeat>> whole;
  for (std::size_t i = second.size(); i-- > 0;) {
    // What is left of the older one comes too late.
    EXPECT_FALSE(i > 0 && whole);
    whole = assembler.add(open_datagram(second[i], keys).value());
    EXPECT_FALSE(i > 0 && assembler.add(open_datagram(first[i], keys).value()));
  }
  EXPECT_EQ(whole->value(), next);
}

TEST(HeartbeatDatagram, UnfinishedHeartbeatsOfManyBootsTakeBoundedRoom) {
  auto keys = ring();
  HeartbeatAssembler assembler;
  Heartbeat heartbeat = large_heartbeat();
  for (heartbeat.boot = 1; heartbeat.boot < 1000; ++heartbeat.boot) {
    EXPECT_FALSE(assembler.add(open_datagram(sealed(heartbeat)[0], keys).value()));
  }
  std::optional<Result<Heartbeat>> whole;
  for (const Datagram& datagram : sealed(large_heartbeat())) {
    whole = assembler.add(open_datagram(datagram, keys).value());
  }
  EXPECT_EQ(whole->value(), large_heartbeat());
}

TEST(HeartbeatDatagram, TruncatedAnywhereIsRefused) {
  auto keys = ring();
  const Datagram datagram = sealed(small_heartbeat())[0];
  for (std::size_t size = 0; size < datagram.size(); ++size) {
    EXPECT_FALSE(open_datagram(std::span(datagram).first(size), keys)) << size;
  }
}

TEST(HeartbeatDatagram, AnyFlippedBitIsRefused) {
  auto keys = ring();
  const Datagram datagram = sealed(small_heartbeat())[0];
  for (std::size_t i = 0; i < datagram.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      Datagram changed = datagram;
      changed[i] = static_cast<std::uint8_t>(changed[i] ^ (1 << bit));
      EXPECT_FALSE(open_datagram(changed, keys)) << i << " bit " << bit;
    }
  }
}

TEST(HeartbeatDatagram, EachFaultHasItsName) {
  const Datagram datagram = sealed(small_heartbeat())[0];
  EXPECT_EQ(fault_of({}), DatagramFault::kMalformed);
  EXPECT_EQ(fault_of(Datagram(kMaxDatagram + 1, 'L')), DatagramFault::kMalformed);
  Datagram other_version = datagram;
  other_version[3] = 2;
  EXPECT_EQ(fault_of(other_version), DatagramFault::kMalformed);
  EXPECT_EQ(fault_of(datagram, ring(kKeyTwo)), DatagramFault::kBadKey);
  const std::string same_id = "1:0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f";
  EXPECT_EQ(fault_of(datagram, ring(same_id)), DatagramFault::kBadMac);
}

TEST(HeartbeatDatagram, KeysRotateWithoutAGap) {
  const std::string one = kKeyOne;
  const std::string two = kKeyTwo;
  // Each step is taken by one director before the other.
  const std::vector<std::string> steps{one, one + "\n" + two, two + "\n" + one, two};
  for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
    auto before = ring(steps[i]);
    auto after = ring(steps[i + 1]);
    EXPECT_TRUE(open_datagram(sealed(small_heartbeat(), ring(steps[i])).at(0), after)) << i;
    EXPECT_TRUE(open_datagram(sealed(small_heartbeat(), ring(steps[i + 1])).at(0), before)) << i;
  }
}

// RFC 4231, test case 4 (a key of 25 bytes, 50 bytes of 0xcd).
TEST(HeartbeatKey, IsHmacSha256) {
  std::vector<std::uint8_t> secret(25);
  for (std::uint8_t i = 0; i < 25; ++i) secret[i] = static_cast<std::uint8_t>(i + 1);
  auto key = std::move(HeartbeatKey::make(1, secret).value());
  const std::vector<std::uint8_t> text(50, 0xcd);
  HeartbeatMac mac{};
  for (int again = 0; again < 2; ++again) {
    ASSERT_TRUE(key.sign(text, mac));
    EXPECT_EQ(mac[0], 0x82);
    EXPECT_EQ(mac[1], 0x55);
    EXPECT_EQ(mac[30], 0x66);
    EXPECT_EQ(mac[31], 0x5b);
    EXPECT_TRUE(key.verify(text, mac));
  }
}

}  // namespace
}  // namespace lvs
