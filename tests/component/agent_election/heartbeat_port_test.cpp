#include "agent/election/heartbeat_port.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/component/agent_election/port_harness.h"
#include "tests/component/operator/eventually.h"

namespace lvs {
namespace {

using testing::Director;
using testing::KeyFile;
using testing::kKey;
using testing::kOtherId;
using testing::kOtherKey;
using testing::Outsider;
using testing::sealed;
using Trouble = HeartbeatTrouble;

class Ports : public ::testing::Test {
 protected:
  Ports() {
    a_.meet({&a_, &b_});
    b_.meet({&a_, &b_});
  }
  void expect_unmoved() { EXPECT_TRUE(beat_until_they_meet(a_, b_)); }

  KeyFile key_{kKey};
  Director a_{"a", key_.path()};
  Director b_{"b", key_.path()};
};

TEST_F(Ports, TwoDirectorsHearEachOther) {
  ASSERT_TRUE(beat_until_they_meet(a_, b_));
  EXPECT_EQ(a_.last().node, "b");
  EXPECT_EQ(b_.last().node, "a");
  EXPECT_TRUE(b_.last().available);
  EXPECT_GT(a_.stats().sent, 0U);
  EXPECT_EQ(a_.stats().received, a_.heard());
}

TEST_F(Ports, OverIpv6) {
  Director c("c", key_.path(), "::1");
  Director d("d", key_.path(), "::1");
  c.meet({&d});
  d.meet({&c});
  EXPECT_TRUE(beat_until_they_meet(c, d));
}

TEST_F(Ports, TheyLeaveFromTheAddressThatThePlanNames) {
  Outsider peer("127.0.0.2");
  Director c("c", key_.path(), "0.0.0.0");
  const HeartbeatAddress to{peer.address(), peer.port()};
  c.wire().set_peers(
      {{"c", {{testing::ip("10.99.0.1"), 0}, {testing::ip("127.0.0.7"), 0}}}, {"peer", {to}}});
  c.beat();
  ASSERT_FALSE(peer.receive().empty());
  EXPECT_EQ(peer.sender(), "127.0.0.7");
}

TEST_F(Ports, AnAddressThatThisMachineHasNotStopsNothing) {
  Outsider peer("127.0.0.2");
  Director c("c", key_.path(), "0.0.0.0");
  const HeartbeatAddress to{peer.address(), peer.port()};
  c.wire().set_peers({{"c", {{testing::ip("10.99.0.1"), 0}}}, {"peer", {to}}});
  c.beat();
  ASSERT_FALSE(peer.receive().empty());
  EXPECT_EQ(peer.sender(), "127.0.0.1");
}

TEST_F(Ports, WhoSendsFromAnUnlistedAddressIsHeard) {
  Director c("c", key_.path(), "127.0.0.3");
  c.meet({&a_});
  a_.wire().set_peers(
      {{"c", {{testing::ip("127.0.0.99"), c.port()}, {testing::ip("127.0.0.3"), c.port()}}}});
  ASSERT_TRUE(beat_until_they_meet(a_, c));
  a_.wire().set_peers({{"c", {{testing::ip("127.0.0.99"), c.port()}}}});
  const auto heard = a_.heard();
  EXPECT_TRUE(eventually([&] {
    c.beat();
    return a_.heard() > heard;
  }));
}

TEST_F(Ports, WithAnotherKeyNobodyIsHeard) {
  ASSERT_TRUE(beat_until_they_meet(a_, b_));
  Outsider outsider("127.0.0.1");
  outsider.send(sealed(b_.next(), kOtherKey), a_);
  outsider.send(sealed(b_.next(), kOtherId), a_);
  EXPECT_TRUE(eventually([&] { return a_.troubles(Trouble::kBadKey) == 1; }));
  EXPECT_EQ(a_.troubles(Trouble::kBadMac), 1U);
  expect_unmoved();
}

TEST_F(Ports, TruncatedAndUnsignedDatagramsAreCounted) {
  ASSERT_TRUE(beat_until_they_meet(a_, b_));
  Outsider outsider("127.0.0.1");
  Datagram datagram = sealed(b_.next(), kKey);
  outsider.send({}, a_);
  outsider.send({'h', 'i'}, a_);
  outsider.send(Datagram(1'500, 'L'), a_);
  datagram.resize(datagram.size() - 1);
  outsider.send(datagram, a_);  // long enough, but the HMAC is cut
  EXPECT_TRUE(eventually([&] { return a_.troubles(Trouble::kBadMac) == 1; }));
  EXPECT_EQ(a_.troubles(Trouble::kMalformed), 3U);
  expect_unmoved();
}

TEST_F(Ports, AReplayIsCounted) {
  Outsider tap("127.0.0.1");
  Outsider replayer("127.0.0.1");
  ASSERT_TRUE(beat_until_they_meet(a_, b_));
  // What B sends from now on reaches A and somebody who writes it down.
  b_.wire().set_peers(
      {{"a", {{testing::ip("127.0.0.1"), a_.port()}, {testing::ip("127.0.0.1"), tap.port()}}}});
  const auto sequence = b_.next().sequence;
  b_.beat();
  const Datagram recorded = tap.receive();
  ASSERT_FALSE(recorded.empty());
  ASSERT_TRUE(eventually([&] { return a_.last().sequence == sequence; }));
  const auto heard = a_.heard();
  for (int i = 0; i < 10; ++i) replayer.send(recorded, a_);
  EXPECT_TRUE(eventually([&] { return a_.troubles(Trouble::kReplayed) == 10; }));
  EXPECT_EQ(a_.heard(), heard);
  expect_unmoved();
}

TEST_F(Ports, ARecordingIsRefusedByARestartedDirector) {
  Outsider tap("127.0.0.1");
  ASSERT_TRUE(beat_until_they_meet(a_, b_));
  b_.wire().set_peers({{"a", {{testing::ip("127.0.0.1"), tap.port()}}}});
  b_.beat();
  const Datagram recorded = tap.receive();
  Director again("a", key_.path());
  again.meet({&b_});
  again.beat();
  Outsider replayer("127.0.0.1");
  replayer.send(recorded, again);
  EXPECT_TRUE(eventually([&] { return again.troubles(Trouble::kUnproven) == 1; }));
  EXPECT_EQ(again.heard(), 0U);
}

TEST_F(Ports, ARestartedDirectorIsHeardAgain) {
  ASSERT_TRUE(beat_until_they_meet(a_, b_));
  Director again("a", key_.path());
  again.meet({&b_});
  b_.meet({&again});
  EXPECT_TRUE(beat_until_they_meet(again, b_));
}

TEST_F(Ports, ANodeThatIsNoPeerIsNotHeard) {
  Director c("c", key_.path());
  c.meet({&a_});
  c.beat();
  EXPECT_TRUE(eventually([&] { return a_.troubles(Trouble::kUnknownSender) == 1; }));
  EXPECT_EQ(a_.heard(), 0U);
}

TEST_F(Ports, TwoPathsToAPeerAreNoReplay) {
  const HeartbeatAddress way{testing::ip("127.0.0.1"), a_.port()};
  a_.wire().set_peers({{"b", {{testing::ip("127.0.0.1"), b_.port()}, {testing::ip("::1"), 1}}}});
  // Whoever hears A now knows that A has taken its new peers.
  ASSERT_TRUE(beat_until_they_meet(a_, b_));
  b_.wire().set_peers({{"a", {way, way}}});
  b_.beat();
  EXPECT_TRUE(eventually([&] { return a_.troubles(Trouble::kRepeated) == 1; }));
  EXPECT_EQ(a_.troubles(Trouble::kReplayed), 0U);
}

TEST_F(Ports, KeysChangeWithoutAGap) {
  ASSERT_TRUE(beat_until_they_meet(a_, b_));
  const std::string one = kKey;
  const std::string two = kOtherId;
  for (const std::string& step : {one + "\n" + two, two + "\n" + one, two}) {
    key_.write(step);
    // Longer than a look at the file takes.
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(1'200);
    while (std::chrono::steady_clock::now() < end) expect_unmoved();
  }
  EXPECT_EQ(a_.troubles(Trouble::kBadKey) + a_.troubles(Trouble::kBadMac), 0U);
}

TEST(PortOptions, WithoutAKeyItDoesNotStart) {
  const auto port = HeartbeatPort::open({"a", {testing::ip("127.0.0.1")}, 0, "/nowhere"}, {});
  ASSERT_FALSE(port);
  EXPECT_EQ(port.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(port.error().message, ::testing::HasSubstr("/nowhere"));
}

TEST(PortOptions, ListensOnBothFamiliesByDefault) {
  KeyFile key(kKey);
  std::atomic<int> heard{0};
  const auto port = HeartbeatPort::open({"a", {}, 0, key.path()}, [&](const auto&) { ++heard; });
  ASSERT_TRUE(port) << port.error().message;
  const auto listener = (*port)->port();
  (*port)->set_peers({{"b", {}}});
  for (const char* loopback : {"127.0.0.1", "::1"}) {
    Director b("b", key.path(), loopback);
    b.wire().set_peers({{"a", {{testing::ip(loopback), listener}}}});
    b.beat();
    const auto before = (*port)->stats().of(Trouble::kUnproven);
    EXPECT_TRUE(eventually([&] {
      b.beat();
      return (*port)->stats().of(Trouble::kUnproven) > before;
    })) << loopback;
  }
}

TEST(PortOptions, ATakenPortIsAnError) {
  KeyFile key(kKey);
  Outsider outsider("127.0.0.1");
  const auto port =
      HeartbeatPort::open({"a", {testing::ip("127.0.0.1")}, outsider.port(), key.path()}, {});
  EXPECT_EQ(port.error().code, ErrorCode::kIo);
}

}  // namespace
}  // namespace lvs
