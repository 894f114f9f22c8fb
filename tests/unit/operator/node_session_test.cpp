#include "operator/pusher/node_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lvs {
namespace {

constexpr std::uint64_t kTerm = 3;
const ServiceKey kService{IpAddress::parse("192.0.2.100").value(), Protocol::kTcp, 80, 0};

class NodeSessionTest : public testing::Test {
 protected:
  NodeSessionTest() {
    NodePlan plan;
    plan.node = "n";
    plan.services[kService] = std::make_shared<const PlannedService>(
        PlannedService{{{"shop", "web"}, {"wrr", 0, 0, 32}, Duration(1000)}, {}});
    wanted = HashedPlan(std::move(plan));
  }

  static PlanEdit weight(std::uint32_t value) {
    PlannedDestination destination;
    destination.key = {IpAddress::parse("192.0.2.1").value(), 80};
    destination.config.weight = value;
    return PutDestination{kService, destination};
  }
  void edit(std::uint32_t value) {
    wanted.apply_edits({weight(value)});
    session.plan_edited({weight(value)});
  }
  std::optional<PushOrder> next() { return session.next(wanted, now); }
  void answer(PushKind kind, Result<StoredPlan> stored) {
    session.finished(kind, stored, now, 0.5);
  }
  StoredPlan has(const ContentHash& hash) { return {hash, kTerm}; }
  // Asked, and found to have the wanted plan.
  void synchronise() {
    ASSERT_EQ(next().value().kind, PushKind::kProbe);
    answer(PushKind::kProbe, has(wanted.hash()));
    ASSERT_FALSE(next());
  }

  HashedPlan wanted;
  NodeSession session{kTerm};
  TimePoint now{};
};

TEST_F(NodeSessionTest, AsksFirstThenSendsTheWholePlan) {
  EXPECT_EQ(next().value().kind, PushKind::kProbe);
  EXPECT_FALSE(next()) << "one thing at a time";
  answer(PushKind::kProbe, StoredPlan{});
  const auto order = next();
  ASSERT_EQ(order.value().kind, PushKind::kPut);
  EXPECT_EQ(order->plan->term, kTerm);
  answer(PushKind::kPut, has(wanted.hash()));
  EXPECT_FALSE(next());
}

TEST_F(NodeSessionTest, SendsNothingToAnAgentThatHasThePlan) { synchronise(); }

TEST_F(NodeSessionTest, SendsEditsAsOnePatch) {
  synchronise();
  const auto before = wanted.hash();
  edit(1);
  edit(2);
  const auto order = next();
  ASSERT_EQ(order.value().kind, PushKind::kPatch);
  EXPECT_EQ(order->patch.from, before);
  EXPECT_EQ(order->patch.to, wanted.hash());
  EXPECT_EQ(order->patch.edits.size(), 2U);
}

TEST_F(NodeSessionTest, EditsUnderWayWaitForTheAnswer) {
  synchronise();
  edit(1);
  const auto first = next();
  edit(2);
  EXPECT_FALSE(next());
  answer(PushKind::kPatch, has(first->patch.to));
  const auto second = next();
  ASSERT_EQ(second.value().kind, PushKind::kPatch);
  EXPECT_EQ(second->patch.from, first->patch.to);
  EXPECT_EQ(second->patch.edits.size(), 1U);
}

TEST_F(NodeSessionTest, ConflictIsAnsweredWithTheWholePlanAtOnce) {
  synchronise();
  edit(1);
  ASSERT_TRUE(next());
  answer(PushKind::kPatch, fail(ErrorCode::kConflict, "412"));
  EXPECT_EQ(next().value().kind, PushKind::kPut);
}

TEST_F(NodeSessionTest, ATermThatCannotBeStoredIsNotSentAgainAndAgain) {
  ASSERT_EQ(next().value().kind, PushKind::kProbe);
  answer(PushKind::kProbe, StoredPlan{wanted.hash(), kTerm - 1});
  ASSERT_EQ(next().value().kind, PushKind::kPatch) << "it carries the term";
  answer(PushKind::kPatch, fail(ErrorCode::kIo, "500: disk full"));
  ASSERT_EQ(next().value().kind, PushKind::kPut) << "whatever is wrong with the patch";
  answer(PushKind::kPut, fail(ErrorCode::kIo, "500: disk full"));
  EXPECT_FALSE(next()) << "waits a little";
  EXPECT_TRUE(session.retry_at());
}

TEST_F(NodeSessionTest, LostAnswerIsNotALostPatch) {
  synchronise();
  edit(1);
  ASSERT_TRUE(next());
  answer(PushKind::kPatch, fail(ErrorCode::kTimeout, "cut"));
  EXPECT_FALSE(next()) << "waits a little";
  ASSERT_TRUE(session.retry_at());
  now = *session.retry_at();
  ASSERT_EQ(next().value().kind, PushKind::kProbe);
  answer(PushKind::kProbe, has(wanted.hash()));
  EXPECT_FALSE(next()) << "it had arrived";
}

TEST_F(NodeSessionTest, PatchThatDidNotArriveGoesAgainWithWhatCameLater) {
  synchronise();
  const auto before = wanted.hash();
  edit(1);
  ASSERT_TRUE(next());
  edit(2);
  answer(PushKind::kPatch, fail(ErrorCode::kUnavailable, "refused"));
  now = *session.retry_at();
  ASSERT_TRUE(next());
  answer(PushKind::kProbe, has(before));
  const auto again = next();
  ASSERT_EQ(again.value().kind, PushKind::kPatch);
  EXPECT_EQ(again->patch.edits, (std::vector<PlanEdit>{weight(1), weight(2)}));
}

TEST_F(NodeSessionTest, AgentThatLostItsPlanGetsItWhole) {
  synchronise();
  session.reported(StoredPlan{}, now);
  ASSERT_EQ(next().value().kind, PushKind::kProbe);
  answer(PushKind::kProbe, StoredPlan{});
  EXPECT_EQ(next().value().kind, PushKind::kPut);
}

TEST_F(NodeSessionTest, WaitsLongerAfterEachFailureAndNoLongerThanTheAgentIsAway) {
  Duration last{0};
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(next());
    answer(PushKind::kProbe, fail(ErrorCode::kUnavailable, "refused"));
    EXPECT_GT(*session.retry_at() - now, last);
    last = *session.retry_at() - now;
    now = *session.retry_at();
  }
  ASSERT_TRUE(next());
  answer(PushKind::kProbe, fail(ErrorCode::kUnavailable, "refused"));
  session.reported(StoredPlan{}, now);
  EXPECT_EQ(*session.retry_at(), now);
}

TEST_F(NodeSessionTest, TooManyEditsBecomeTheWholePlan) {
  synchronise();
  wanted.apply_edits({weight(9)});
  session.plan_edited(std::vector<PlanEdit>(20'000, weight(9)));
  EXPECT_EQ(next().value().kind, PushKind::kPut);
}

TEST_F(NodeSessionTest, ReplacedPlanIsSentWhole) {
  synchronise();
  wanted.apply_edits({weight(9)});
  session.plan_replaced();
  EXPECT_EQ(next().value().kind, PushKind::kPut);
}

TEST_F(NodeSessionTest, HigherTermIsToldToAnAgentThatHasThePlan) {
  ASSERT_TRUE(next());
  answer(PushKind::kProbe, StoredPlan{wanted.hash(), kTerm - 1});
  const auto order = next();
  ASSERT_EQ(order.value().kind, PushKind::kPatch);
  EXPECT_TRUE(order->patch.edits.empty());
  EXPECT_EQ(order->patch.term, kTerm);
}

TEST_F(NodeSessionTest, AgentThatUnderstandsAnotherPlanIsNotFloodedWithIt) {
  ASSERT_TRUE(next());
  answer(PushKind::kProbe, StoredPlan{});
  ASSERT_EQ(next().value().kind, PushKind::kPut);
  answer(PushKind::kPut, has({1, 2}));
  EXPECT_FALSE(next());
  EXPECT_EQ(session.error().value().code, ErrorCode::kCorrupt);
  now = *session.retry_at();
  EXPECT_EQ(next().value().kind, PushKind::kPut);
}

}  // namespace
}  // namespace lvs
