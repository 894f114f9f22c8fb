// What people are told: from whom a VIP came, and why.
#include <gtest/gtest.h>

#include "tests/unit/core/election/world.h"

namespace lvs::test {
namespace {

class Why : public ::testing::TestWithParam<std::pair<FaultChoice, MoveReason>> {};

World two_directors() {
  WorldConfig config;
  config.nodes = 2;
  config.step = Duration{10};
  World world(config);
  world.run(Duration{12'000});  // both are warm
  return world;
}

TEST_P(Why, TheNewHolderTellsFromWhomAndWhy) {
  World world = two_directors();
  EXPECT_EQ(world.view(0)->reason, MoveReason::kNobodyHadIt);
  EXPECT_EQ(world.view(0)->previous_holder, "");
  EXPECT_EQ(world.view(0)->standby, "d2");
  world.step(GetParam().first);
  world.run(Duration{2'000});
  ASSERT_EQ(world.holders(), std::vector<int>{1});
  EXPECT_EQ(world.view(1)->reason, GetParam().second);
  EXPECT_EQ(world.view(1)->previous_holder, "d1");
}

INSTANTIATE_TEST_SUITE_P(
    Faults, Why,
    ::testing::Values(std::pair(FaultChoice{Fault::kCrash}, MoveReason::kHeartbeatLost),
                      std::pair(FaultChoice{Fault::kDrain}, MoveReason::kDrained),
                      std::pair(FaultChoice{Fault::kLeave}, MoveReason::kAgentStopped),
                      std::pair(FaultChoice{Fault::kUnfit}, MoveReason::kNotFit),
                      std::pair(FaultChoice{Fault::kMove, 1, 1}, MoveReason::kRequested)),
    [](const auto& test) { return to_string(test.param.second); });

TEST(WhyNot, NobodyIsLeftToTakeItOver) {
  World world = two_directors();
  world.step({Fault::kCrash, 1, 1});
  world.run(Duration{1'000});
  EXPECT_EQ(world.view(0)->standby, "");
  world.step({Fault::kDrain});
  world.run(Duration{1'000});
  EXPECT_EQ(world.holders(), std::vector<int>{0});
  EXPECT_EQ(world.view(0)->condition, ElectionCondition::kNoSuccessor);
}

TEST(WhyNot, DrainedDirectorsAreBetterThanNone) {
  World world = two_directors();
  world.step({Fault::kDrain, 0, 0});
  world.step({Fault::kDrain, 1, 1});
  world.run(Duration{1'000});
  const int keeper = world.holders().at(0);
  world.step({Fault::kCrash, keeper, keeper});
  world.run(Duration{1'000});
  ASSERT_EQ(world.holders(), std::vector<int>{1 - keeper});
  EXPECT_EQ(world.view(1 - keeper)->condition, ElectionCondition::kNoSuccessor);
}

TEST(WhyNot, TheStrangersHardwareAddressIsTold) {
  World world = two_directors();
  world.post(0, AnnouncementSeen{World::default_vip(), {2, 9, 9, 9, 9, 9}});
  world.run(Duration{100});
  EXPECT_EQ(world.view(0)->condition, ElectionCondition::kStranger);
  EXPECT_EQ(world.view(0)->stranger, (HardwareAddress{2, 9, 9, 9, 9, 9}));
}

}  // namespace
}  // namespace lvs::test
