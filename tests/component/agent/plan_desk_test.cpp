#include <fstream>

#include <gtest/gtest.h>

#include "tests/component/agent/harness.h"
#include "wire/codec.h"

namespace lvs::testing {
namespace {

NodePlan reweighted(std::uint32_t weight) {
  NodePlan plan = director_plan();
  add_service(plan, kWeb, "wrr", {{"192.0.2.7", weight}, {"192.0.2.8", 2}});
  return plan;
}

TEST(PlanDesk, RefusesALowerTerm) {
  Machine machine;
  machine.start_agent();
  NodePlan plan = director_plan();
  plan.term = 5;
  machine.put(plan);
  NodePlan old = reweighted(9);
  old.term = 4;
  EXPECT_EQ(machine.put(old).verdict, PlanVerdict::kFenced);
  PlanPatch patch = patch_between(plan, old);
  EXPECT_EQ(machine.patch(patch).verdict, PlanVerdict::kFenced);
  EXPECT_NE(machine.kernel.table().find("-w 3"), std::string::npos);
  EXPECT_EQ(machine.status().plan_term, 5U);
}

TEST(PlanDesk, RemembersTheTermOverARestart) {
  Machine machine;
  machine.start_agent();
  NodePlan plan = director_plan();
  plan.term = 5;
  machine.put(plan);
  NodePlan next = reweighted(9);
  next.term = 6;
  machine.patch(patch_between(plan, next));
  machine.start_agent();
  next.term = 5;
  EXPECT_EQ(machine.put(next).verdict, PlanVerdict::kFenced);
}

TEST(PlanDesk, RefusesThePlanOfAnotherNode) {
  Machine machine;
  machine.start_agent();
  NodePlan plan = director_plan();
  plan.node = "b";
  EXPECT_EQ(machine.put(plan).verdict, PlanVerdict::kFenced);
  EXPECT_EQ(machine.kernel.table(), "");
}

TEST(PlanDesk, APatchOfAnotherPlanIsAMismatch) {
  Machine machine;
  machine.start_agent();
  EXPECT_EQ(machine.patch(patch_between(director_plan(), reweighted(9))).verdict,
            PlanVerdict::kHashMismatch);
  machine.put(director_plan());
  EXPECT_EQ(machine.patch(patch_between(reweighted(7), reweighted(9))).verdict,
            PlanVerdict::kHashMismatch);
  PlanPatch wrong_end = patch_between(director_plan(), reweighted(9));
  wrong_end.to = hash_of(reweighted(8));
  EXPECT_EQ(machine.patch(wrong_end).verdict, PlanVerdict::kHashMismatch);
  EXPECT_EQ(machine.status().stored_plan, hash_of(director_plan()));
  // The patch that did not apply left no trace in the journal.
  EXPECT_EQ(machine.patch(patch_between(director_plan(), reweighted(9))).verdict,
            PlanVerdict::kStored);
  machine.start_agent();
  EXPECT_EQ(machine.status().stored_plan, hash_of(reweighted(9)));
}

TEST(PlanDesk, PatchesSurviveARestart) {
  Machine machine;
  machine.start_agent();
  machine.put(reweighted(1));
  for (std::uint32_t weight = 1; weight < 20; ++weight) {
    machine.patch(patch_between(reweighted(weight), reweighted(weight + 1)));
  }
  machine.start_agent();
  EXPECT_EQ(machine.status().stored_plan, hash_of(reweighted(20)));
}

TEST(PlanDesk, ACorruptPlanLeavesTheKernelAloneUntilAPlanComes) {
  Machine machine;
  machine.start_agent();
  machine.put(director_plan());
  const std::string table = machine.kernel.table();
  machine.stop_agent();
  {
    std::fstream file(machine.state_folder() + "/plan.json", std::ios::in | std::ios::out);
    file.seekp(20);
    file.put('\x01');
  }
  machine.kernel.forget_history();
  machine.start_agent();
  machine.pass(Duration{20'000});
  EXPECT_TRUE(machine.kernel.operations().empty());
  EXPECT_EQ(machine.problem_reasons(), std::vector<std::string>{"PlanCorrupt"});
  EXPECT_EQ(machine.kernel.table(), table);
  EXPECT_EQ(machine.put(director_plan()).verdict, PlanVerdict::kStored);
  EXPECT_TRUE(machine.status().problems.empty());
  machine.start_agent();
  EXPECT_TRUE(machine.status().has_plan);
}

TEST(StatusPoll, WaitsForTheNextRevision) {
  Machine machine;
  machine.start_agent();
  std::uint64_t revision = 0;
  int answers = 0;
  const auto poll = [&](std::optional<std::uint64_t> after) {
    machine.loop().post(StatusPolled{after, [&](const NodeStatus&, std::uint64_t now) {
                                       revision = now;
                                       ++answers;
                                     }});
    machine.settle();
  };
  poll(std::nullopt);
  EXPECT_EQ(answers, 1);
  poll(revision);
  EXPECT_EQ(answers, 1);
  machine.put(director_plan());
  EXPECT_EQ(answers, 2);
  poll(revision + 1000);  // a revision of an earlier agent
  EXPECT_EQ(answers, 3);
}

TEST(StatusPoll, IsAnsweredAfterTheLongestPoll) {
  Machine machine;
  machine.start_agent();
  std::uint64_t revision = 0;
  int answers = 0;
  const auto reply = [&](const NodeStatus&, std::uint64_t now) {
    revision = now;
    ++answers;
  };
  machine.loop().post(StatusPolled{std::nullopt, reply});
  machine.settle();
  const std::uint64_t before = revision;
  machine.loop().post(StatusPolled{before, reply});
  machine.pass(Duration{24'000});
  EXPECT_EQ(answers, 1);
  machine.pass(Duration{2000});
  EXPECT_EQ(answers, 2);
  EXPECT_EQ(revision, before);
}

// What grows by patches must still be loaded after a restart.
TEST(PlanDesk, APatchThatMakesThePlanTooLargeIsRefused) {
  const TemporaryFolder folder;
  Problems problems;
  const NodePlan plan = director_plan();
  const std::string body = encode(plan);
  PlanDesk desk("a", folder.path(), problems, body.size() + 500);
  ASSERT_EQ(desk.put(plan, body).answer.verdict, PlanVerdict::kStored);
  NodePlan grown = plan;
  Weights servers;
  for (int i = 1; i <= 100; ++i) servers.emplace_back("192.0.2." + std::to_string(i), 1U);
  add_service(grown, kWeb, "wrr", servers);
  const PlanPatch patch = patch_between(plan, grown);
  const auto outcome = desk.patch(patch, encode(patch));
  EXPECT_EQ(outcome.answer.verdict, PlanVerdict::kNotStored);
  EXPECT_NE(outcome.answer.message.find("is the limit"), std::string::npos);
  EXPECT_EQ(desk.hash(), hash_of(plan));
  const PlanPatch small = patch_between(plan, reweighted(9));
  EXPECT_EQ(desk.patch(small, encode(small)).answer.verdict, PlanVerdict::kStored);
}

}  // namespace
}  // namespace lvs::testing
