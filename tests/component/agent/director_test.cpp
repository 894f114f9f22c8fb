// A director among others: when it takes a VIP, keeps it and lets it go.
#include <fstream>

#include <gmock/gmock.h>

#include "tests/component/agent/directors.h"

namespace lvs::testing {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::VariantWith;

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

// Nobody elects without a plan. The kernel would drop the address, and no operator may be near.
TEST_F(Directors, AVipOutlivesADamagedPlan) {
  start({"a", "b"});
  machine.pass(kElected);
  machine.stop_agent();
  std::ofstream(machine.state_folder() + "/plan.json") << "torn";
  machine.kernel.forget_history();
  machine.start_agent();
  machine.pass(Duration{20'000});
  EXPECT_EQ(machine.problem_reasons(), std::vector<std::string>{"PlanCorrupt"});
  EXPECT_GE(machine.kernel.operations().size(), 5U);
  EXPECT_THAT(machine.kernel.operations(),
              Each(VariantWith<AddAddress>(AddAddress{kShared, "eth0", VipScope::kUplink, 10})));
  machine.put(shared_plan({"a", "b"}));
  machine.pass(kElected);
  EXPECT_TRUE(address_on_uplink(machine));
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

TEST_F(Directors, AnAgentThatStartsAgainGoesOnInItsTerm) {
  start({"a", "b"});
  pass_with_peer(Duration{3'000}, Claim::kHolder, 3);
  machine.pass(kElected);
  ASSERT_EQ(machine.status().vips.at(0).term, 4U);
  machine.stop_agent();
  machine.start_agent();
  machine.pass(Duration{500});
  ASSERT_TRUE(machine.status().vips.at(0).holder);
  EXPECT_EQ(machine.status().vips.at(0).term, 4U) << "what was asked of term 1 was asked long ago";
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

// --- Planned moves and what is told of them.

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
