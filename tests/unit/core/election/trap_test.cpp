// How others got it wrong, one test for each, at the default times.
#include <gtest/gtest.h>

#include "tests/unit/core/election/world.h"

namespace lvs::test {
namespace {

WorldConfig defaults(int nodes = 3, bool leases = true) {
  WorldConfig config;
  config.nodes = nodes;
  config.step = Duration{10};
  config.election.leases = leases;
  return config;
}

World settled(const WorldConfig& config = defaults()) {
  World world(config);
  world.run(Duration{12'000});  // everybody is warm
  return world;
}

using Nodes = std::vector<int>;

// How long nobody has the address after `fault`.
Duration outage(World& world, const FaultChoice& fault) {
  world.step(fault);
  Duration without{0};
  for (int step = 0; step < 2'000; ++step) {
    if (world.holders().empty()) without += world.config().step;
    EXPECT_LE(world.holders().size(), 1U);
    world.step();
  }
  return without;
}

TEST(Trap, ColdStartTheFirstInOrderTakesItAtOnce) {
  World world(defaults());
  world.run(Duration{400});
  EXPECT_EQ(world.holders(), Nodes{0});
  EXPECT_EQ(world.leases().at(World::default_vip()).holder, "d1");
}

TEST(Trap, ASingleNodeHoldsAfterItsFirstLook) {
  World world(defaults(1, false));
  world.run(Duration{300});
  EXPECT_EQ(world.holders(), Nodes{0});
}

TEST(Trap, ACrashCostsLessThanThreeTenthsOfASecond) {
  World world = settled();
  EXPECT_LE(outage(world, {Fault::kCrash}), Duration{300});
  EXPECT_EQ(world.holders(), Nodes{1});
}

TEST(Trap, ACrashWithoutApiServerCostsLessThanThreeTenthsMore) {
  World world = settled();
  for (int i = 0; i < 3; ++i) world.step({Fault::kApiDead, i, i});
  EXPECT_LE(outage(world, {Fault::kCrash}), Duration{600});
  ASSERT_EQ(world.holders(), Nodes{1});
  for (int i = 1; i < 3; ++i) world.step({Fault::kApiBack, i, i});
  world.run(Duration{5'000});
  EXPECT_EQ(world.leases().at(World::default_vip()).holder, "d2");  // made true
  EXPECT_EQ(world.holders(), Nodes{1});                             // and no second move
}

// What the first knows of the Lease is from before it handed the VIP over.
TEST(Trap, ACrashCostsNoMoreWhereTheLeaseWasMovedMeanwhile) {
  World world = settled();
  world.step({Fault::kMove, 0, 1});
  world.run(Duration{2'000});
  ASSERT_EQ(world.holders(), Nodes{1});
  EXPECT_LE(outage(world, {Fault::kCrash, 1}), Duration{300});
  EXPECT_EQ(world.holders(), Nodes{0});
}

TEST(Trap, Number1LeaseAndAddressDriftApart) {
  World world = settled();
  world.step({Fault::kKillAgent});
  world.run(Duration{20'000});
  EXPECT_EQ(world.holders(), Nodes{1});  // the kernel's lifetime ended the first
  EXPECT_EQ(world.leases().at(World::default_vip()).holder, "d2");
}

TEST(Trap, Number1APausedHolderDoesNotPutItBack) {
  World world = settled();
  world.step({Fault::kPauseAgent});
  world.run(Duration{30'000});
  ASSERT_EQ(world.holders(), Nodes{1});
  world.step({Fault::kResumeAgent});
  for (int step = 0; step < 500; ++step) {
    world.step();
    ASSERT_EQ(world.holders(), Nodes{1});
  }
}

TEST(Trap, Number2HeldLeaseButDeadDataPath) {
  World world = settled();
  EXPECT_LE(outage(world, {Fault::kLinkDown}), Duration{300});
  EXPECT_EQ(world.holders(), Nodes{1});
  EXPECT_FALSE(world.node(0).addresses.contains(World::default_vip()));
}

TEST(Trap, Number2UnfitWithoutSuccessorKeepsIt) {
  World world = settled(defaults(1));
  world.step({Fault::kUnfit});
  world.run(Duration{2'000});
  EXPECT_EQ(world.holders(), Nodes{0});
  EXPECT_EQ(world.view(0)->condition, ElectionCondition::kNoSuccessor);
}

TEST(Trap, Number3ApiOutageDropsEveryVip) {
  World world = settled();
  for (int i = 0; i < 3; ++i) world.step({Fault::kApiDead, i, i});
  for (int step = 0; step < 6'000; ++step) {
    world.step();
    ASSERT_EQ(world.holders(), Nodes{0});
  }
}

TEST(Trap, Number5PreemptingFailback) {
  World world = settled();
  world.step({Fault::kCrash});
  world.run(Duration{2'000});
  world.step({Fault::kBoot});
  world.run(Duration{30'000});
  EXPECT_EQ(world.holders(), Nodes{1});
}

TEST(Trap, Number5PreemptionByPolicyWaitsUntilWarmAndLosesNothing) {
  WorldConfig config = defaults();
  config.preempt_after = Duration{1'000};
  World world = settled(config);
  world.step({Fault::kCrash});
  world.run(Duration{2'000});
  world.step({Fault::kBoot});
  const TimePoint warm = world.now() + config.election.warm_up;
  for (int step = 0; step < 2'000; ++step) {
    world.step();
    ASSERT_FALSE(world.holders().empty());
    if (world.now() < warm) {
      ASSERT_EQ(world.holders(), Nodes{1});
    }
  }
  EXPECT_EQ(world.holders(), Nodes{0});
}

TEST(Trap, Number11AnnouncedInABurstAndAgainAfterTheOldOneTookItOff) {
  World world = settled();
  const auto before = world.announcements;
  world.step({Fault::kMove, 0, 1});
  world.run(Duration{1'000});
  EXPECT_EQ(world.holders(), Nodes{1});
  EXPECT_GE(world.announcements - before, 6U);
}

TEST(Trap, Number22SomebodyRemovesTheAddress) {
  World world = settled();
  EXPECT_LE(outage(world, {Fault::kRemoveAddress}), Duration{150});
  EXPECT_EQ(world.holders(), Nodes{0});
}

TEST(Trap, Number23AnUpgradeDropsTheVip) {
  World world = settled();
  for (const Fault fault : {Fault::kLeave, Fault::kStartAgent}) {
    world.step({fault});
    for (int step = 0; step < 100; ++step) {
      world.step();
      ASSERT_FALSE(world.holders().empty());
    }
  }
  world.step({Fault::kKillAgent, 1, 1});  // and with no time to leave
  world.run(Duration{1'000});
  world.step({Fault::kStartAgent, 1, 1});
  world.run(Duration{20'000});
  EXPECT_EQ(world.holders(), Nodes{1});
  EXPECT_EQ(world.view(1)->reason, MoveReason::kAgentRestarted);
}

TEST(Trap, AStrangerIsReportedAndAnsweredNotObeyed) {
  World world = settled();
  const HardwareAddress stranger{2, 9, 9, 9, 9, 9};
  bool reported = false;
  for (int step = 0; step < 300; ++step) {
    world.post(0, AnnouncementSeen{World::default_vip(), stranger});
    world.step();
    for (const ReportNews& news : world.news) reported |= news.news == ElectionNews::kStranger;
    ASSERT_EQ(world.holders(), Nodes{0});
  }
  EXPECT_TRUE(reported);
}

// For hours nothing but the wire may say that the holder lives; a tenth of a second is no death.
TEST(Trap, HeartbeatsLostAndTheWireSlowForAMoment) {
  World world = settled(defaults(2));
  world.step({Fault::kMuteHeartbeats, 0, 1});
  world.run(Duration{1'000});
  for (int step = 0; step < 10; ++step) world.step({Fault::kLoseAsks, 1});
  world.run(Duration{1'000});
  EXPECT_EQ(world.holders(), Nodes{0});
}

TEST(Trap, HeartbeatsLostAndTheHolderDies) {
  World world = settled(defaults(2));
  world.step({Fault::kMuteHeartbeats, 0, 1});
  world.run(Duration{1'000});
  EXPECT_LE(outage(world, {Fault::kCrash}), Duration{300});
  EXPECT_EQ(world.holders(), Nodes{1});
}

TEST(Trap, HeartbeatsLostIsACondition) {
  World world = settled(defaults(2));
  world.step({Fault::kMuteHeartbeats, 0, 1});
  world.run(Duration{5'000});
  EXPECT_EQ(world.holders(), Nodes{0});
  EXPECT_EQ(world.view(1)->condition, ElectionCondition::kHeartbeatsLost);
}

// The second time comes too soon to be news at once; it lasts, so it is told then.
TEST(Trap, HeartbeatsLostAgainIsToldAgain) {
  World world = settled(defaults(2));
  const auto told_within = [&world](Duration time) {
    int told = 0;
    for (const TimePoint until = world.now() + time; world.now() < until;) {
      world.step();
      for (const ReportNews& news : world.news) told += news.news == ElectionNews::kHeartbeatsLost;
    }
    return told;
  };
  world.step({Fault::kMuteHeartbeats, 0, 1});
  EXPECT_EQ(told_within(Duration{1'000}), 1);
  world.step({Fault::kUnmuteHeartbeats, 0, 1});
  EXPECT_EQ(told_within(Duration{1'000}), 0);
  world.step({Fault::kMuteHeartbeats, 0, 1});
  EXPECT_EQ(told_within(Duration{60'000}), 1);
}

TEST(Cost, AThousandVipsOnThreeDirectors) {
  std::vector<IpAddress> vips;
  for (int i = 0; i < 1'000; ++i) {
    IpAddress::Bytes bytes{10, 0, static_cast<std::uint8_t>(i / 250),
                           static_cast<std::uint8_t>(i % 250 + 1)};
    vips.emplace_back(Family::kV4, bytes);
  }
  World world(defaults(), vips);
  world.run(Duration{3'000});
  const auto writes = world.api_writes;
  world.run(Duration{4'000});
  EXPECT_LE(world.api_writes - writes, 12U);  // three a second
  world.step({Fault::kCrash});
  world.run(Duration{500});
  for (const IpAddress& vip : vips) ASSERT_EQ(world.holders(vip).size(), 1U) << vip.to_string();
}

}  // namespace
}  // namespace lvs::test
