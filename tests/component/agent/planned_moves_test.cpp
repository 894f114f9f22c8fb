// VIPs that people and plans move from one director to another.
#include <gmock/gmock.h>

#include "tests/component/agent/directors.h"

namespace lvs::testing {
namespace {

ElectedVipReport told(Machine& machine) { return machine.status().vips.at(0).election; }

TEST_F(Directors, TheLastCandidateKeepsTheAddress) {
  start({"a", "b"});
  machine.pass(kElected);
  ASSERT_TRUE(address_on_uplink(machine));
  machine.put(shared_plan({"a"}));
  machine.pass(Duration{9'000});
  ASSERT_TRUE(address_on_uplink(machine));
  EXPECT_EQ(address_on_uplink(machine)->valid_seconds, 0U) << "not the 10 s of when there were two";
}

class PlannedMoves : public Directors {
 protected:
  // This node holds the VIP, and the peer is warm.
  void hold() {
    start({"a", "b"});
    machine.pass(kElected);
    pass_with_peer(Duration{1'000}, Claim::kStandby, 1);
    ASSERT_TRUE(address_on_uplink(machine));
  }
  std::string offered_to() { return machine.ports.sent.back().vips.at(0).offer_to; }
  void put_plan(std::optional<PlannedMove> move, bool drained = false) {
    NodePlan plan = shared_plan({"a", "b"});
    plan.vips[kShared].move = std::move(move);
    plan.directors["a"].drained = drained;
    machine.put(plan);
    pass_with_peer(Duration{100}, Claim::kStandby, 1);
  }
  Result<void> ask(const MoveRequest& request) {
    Result<void> answer;
    machine.loop().post(MoveAsked{request, [&](const Result<void>& a) { answer = a; }});
    pass_with_peer(Duration{100}, Claim::kStandby, 1);
    return answer;
  }
  void drain(bool drained) {
    machine.loop().post(DrainAsked{{drained}, [](const Result<void>& a) { ASSERT_TRUE(a); }});
    pass_with_peer(Duration{100}, Claim::kStandby, 1);
  }
};

TEST_F(PlannedMoves, TheHolderTellsSinceWhenAndWhoStandsBy) {
  hold();
  const auto report = told(machine);
  EXPECT_GT(report.since, 0U);
  EXPECT_EQ(report.taken_because, "NoHolder");
  EXPECT_EQ(report.standby, "b");
  pass_with_peer(Duration{5'000}, Claim::kStandby, 1);
  EXPECT_EQ(told(machine), report) << "nothing changes with time";
  EXPECT_EQ(machine.metric("lvs_agent_vips_taken_total{reason=\"NoHolder\"}"), 1);
  EXPECT_EQ(machine.metric("lvs_agent_director_heard{peer=\"b\"}"), 1);
  const NodeState state = machine.state();
  ASSERT_EQ(state.peers.size(), 1U);
  EXPECT_TRUE(state.peers[0].heard);
  EXPECT_GT(state.peers[0].received, 50U);
}

TEST_F(PlannedMoves, WhoTakesAnOfferTellsWhy) {
  start({"b", "a"});
  pass_with_peer(Duration{3'000}, Claim::kHolder, 3);
  EXPECT_EQ(told(machine).since, 0U);
  Heartbeat offer{"b", 7, ++sequence, {kPeersHardware}, true, false, {}, {}};
  offer.vips = {{kShared, Claim::kHolder, 3, true, false, "a", MoveReason::kDrained}};
  machine.loop().post(ElectionHeard{HeartbeatReceived{offer}});
  machine.settle();
  ASSERT_TRUE(address_on_uplink(machine));
  EXPECT_EQ(told(machine).taken_because, "DirectorDrained");
  EXPECT_EQ(told(machine).previous_holder, "b");
}

TEST_F(PlannedMoves, AFailoverInThePlanIsOfferedOnceInItsTerm) {
  hold();
  put_plan(PlannedMove{9, "b"});
  EXPECT_EQ(offered_to(), "") << "of another term: done long ago";
  put_plan(PlannedMove{1, "b"});
  EXPECT_EQ(offered_to(), "b");
  pass_with_peer(Duration{100}, Claim::kHolder, 2);
  EXPECT_FALSE(address_on_uplink(machine));
}

TEST_F(PlannedMoves, AFailoverThatNobodyTakesIsGivenUp) {
  hold();
  put_plan(PlannedMove{1, "c"});
  pass_with_peer(Duration{500}, Claim::kStandby, 1);
  EXPECT_EQ(told(machine).concern, "NoSuccessor");
  pass_with_peer(Duration{11'000}, Claim::kStandby, 1);
  EXPECT_EQ(told(machine).concern, "");
  EXPECT_TRUE(address_on_uplink(machine));
}

TEST_F(PlannedMoves, AFailoverByCallIsCheckedFirst) {
  hold();
  EXPECT_EQ(ask({kShared, {7, "b"}}).error().code, ErrorCode::kConflict);
  EXPECT_EQ(ask({kShared, {1, "x"}}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(ask({kPeer, {1, "b"}}).error().code, ErrorCode::kConflict);
  EXPECT_EQ(offered_to(), "");
  EXPECT_TRUE(ask({kShared, {1, "b"}}));
  EXPECT_EQ(offered_to(), "b");
}

TEST_F(PlannedMoves, ADrainByThePlanOffersUntilItIsTakenBack) {
  hold();
  put_plan(std::nullopt, true);
  EXPECT_EQ(offered_to(), "b");
  EXPECT_TRUE(machine.status().drained);
  put_plan(std::nullopt, false);
  EXPECT_EQ(offered_to(), "");
  EXPECT_FALSE(machine.status().drained);
}

TEST_F(PlannedMoves, ADrainByCommandOutlivesTheAgent) {
  hold();
  drain(true);
  EXPECT_EQ(offered_to(), "b");
  machine.stop_agent();
  machine.start_agent();
  pass_with_peer(Duration{300}, Claim::kStandby, 1);
  EXPECT_TRUE(machine.status().drained);
  EXPECT_EQ(offered_to(), "b");
  drain(false);
  EXPECT_FALSE(machine.status().drained);
  EXPECT_EQ(offered_to(), "");
}

TEST_F(PlannedMoves, AVipThatLeavesThePlanIsHandedOverWithItsServices) {
  hold();
  NodePlan without = shared_plan({"a", "b"});
  without.vips.clear();
  without.services.clear();
  machine.put(without);
  EXPECT_TRUE(address_on_uplink(machine)) << "until the other one has it";
  EXPECT_EQ(machine.kernel.dump_services().value().size(), 1U);
  EXPECT_TRUE(machine.status().vips.at(0).holder) << "it is told as long as it is so";
  pass_with_peer(Duration{100}, Claim::kStandby, 1);
  EXPECT_EQ(offered_to(), "b");
  pass_with_peer(Duration{200}, Claim::kHolder, 2);
  EXPECT_FALSE(address_on_uplink(machine));
  EXPECT_TRUE(machine.kernel.dump_services().value().empty());
}

TEST_F(PlannedMoves, AVipThatNobodyElseWantsGoesSoonAfterItLeftThePlan) {
  hold();
  NodePlan without = shared_plan({"a", "b"});
  without.vips.clear();
  without.services.clear();
  machine.put(without);
  machine.pass(Duration{1'500});  // the peer is silent, too
  EXPECT_FALSE(address_on_uplink(machine));
  EXPECT_TRUE(machine.kernel.dump_services().value().empty());
}

}  // namespace
}  // namespace lvs::testing
