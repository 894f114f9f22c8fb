// One director among others that the test plays: what it says, and what its kernel holds.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/component/agent/harness.h"

namespace lvs::testing {
namespace {

using ::testing::Contains;

const IpAddress kShared = ip("192.0.2.1");
const IpAddress kPeer = ip("192.0.2.11");
constexpr HardwareAddress kPeersHardware{2, 0, 0, 0, 0, 11};

NodePlan shared_plan(const std::vector<std::string>& candidates) {
  NodePlan plan = director_plan();
  plan.vips[kShared].candidates = candidates;
  plan.directors["a"] = {{ip("192.0.2.10")}};
  plan.directors["b"] = {{kPeer}};
  return plan;
}

std::optional<ObservedAddress> address_on_uplink(Machine& machine) {
  const auto network = machine.kernel.dump_network().value();
  const auto at =
      std::find_if(network.addresses.begin(), network.addresses.end(),
                   [](const auto& a) { return a.address == kShared && a.interface == "eth0"; });
  return at == network.addresses.end() ? std::nullopt : std::optional(*at);
}

class Directors : public ::testing::Test {
 protected:
  void start(const std::vector<std::string>& candidates) {
    machine.has_ports = true;
    machine.start_agent();
    machine.put(shared_plan(candidates));
  }

  // Director b speaks, all the while.
  void pass_with_peer(Duration time, Claim claim, std::uint64_t term) {
    for (Duration passed{0}; passed < time; passed += Duration{50}) {
      Heartbeat heartbeat{"b", 7, ++sequence, {kPeersHardware}, true, true, {}, {}};
      heartbeat.vips = {{kShared, claim, term, true, false, {}}};
      machine.loop().post(ElectionHeard{HeartbeatReceived{heartbeat}});
      machine.clock.advance(Duration{50});
      machine.settle();
    }
  }

  Machine machine;
  std::uint64_t sequence = 0;
};

TEST_F(Directors, KnowWhereTheOthersAreAndAskForThem) {
  start({"a", "b"});
  EXPECT_EQ(machine.ports.peers.at("b").addresses.at(0), kPeer);
  EXPECT_THAT(machine.ports.asked, Contains(kPeer)) << "to know its hardware";
  EXPECT_TRUE(machine.ports.watched.contains(kShared));
}

TEST_F(Directors, AVipOfSeveralCandidatesIsPutOnForALifetimeAndKeptAlive) {
  start({"a", "b"});
  machine.pass(kElected);
  ASSERT_TRUE(address_on_uplink(machine));
  EXPECT_EQ(address_on_uplink(machine)->valid_seconds, 10U);
  machine.kernel.forget_history();
  machine.pass(Duration{5'000});
  EXPECT_THAT(machine.kernel.operations(), Contains(::testing::VariantWith<AddAddress>(AddAddress{
                                               kShared, "eth0", VipScope::kUplink, 10})));
}

TEST_F(Directors, TheFirstInTheOrderHasAHeadStart) {
  start({"b", "a"});
  machine.pass(Duration{1'900});
  EXPECT_FALSE(address_on_uplink(machine));
  machine.pass(Duration{2'000});
  EXPECT_TRUE(address_on_uplink(machine)) << "nobody came";
}

TEST_F(Directors, AStandbyTakesNothingFromALivingHolder) {
  start({"a", "b"});
  pass_with_peer(Duration{5'000}, Claim::kHolder, 3);
  EXPECT_FALSE(address_on_uplink(machine));
}

TEST_F(Directors, AHolderThatFallsSilentIsReplacedUnlessItAnswersOnTheWire) {
  start({"a", "b"});
  pass_with_peer(Duration{3'000}, Claim::kHolder, 3);
  for (int i = 0; i < 20; ++i) {
    machine.loop().post(ElectionHeard{WireAnswered{kShared, kPeersHardware}});
    machine.pass(Duration{100});
  }
  EXPECT_FALSE(address_on_uplink(machine)) << "its kernel answers";
  machine.pass(kElected);
  EXPECT_TRUE(address_on_uplink(machine));
}

TEST_F(Directors, SigtermOffersAndEndsWhenTheOtherHasIt) {
  start({"a", "b"});
  machine.pass(kElected);
  pass_with_peer(Duration{1'000}, Claim::kStandby, 1);
  ASSERT_TRUE(address_on_uplink(machine));
  machine.loop().post(StopRequested{});
  pass_with_peer(Duration{100}, Claim::kStandby, 1);
  EXPECT_FALSE(machine.loop().is_stopping());
  EXPECT_TRUE(address_on_uplink(machine)) << "it stays until somebody else has it";
  EXPECT_EQ(machine.ports.sent.back().vips.at(0).offer_to, "b");
  pass_with_peer(Duration{100}, Claim::kHolder, 2);
  EXPECT_FALSE(address_on_uplink(machine));
  EXPECT_TRUE(machine.loop().is_stopping());
}

TEST_F(Directors, WithoutHeartbeatsTheFirstHoldsAndNobodyElse) {
  machine.start_agent();  // no ports
  machine.put(shared_plan({"b", "a"}));
  machine.pass(Duration{20'000});
  EXPECT_FALSE(address_on_uplink(machine));
  machine.put(shared_plan({"a", "b"}));
  machine.pass(Duration{5'000});
  ASSERT_TRUE(address_on_uplink(machine));
  EXPECT_EQ(address_on_uplink(machine)->valid_seconds, 0U) << "nobody could take over";
}

}  // namespace
}  // namespace lvs::testing
