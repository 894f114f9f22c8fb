#include <cerrno>

#include <gtest/gtest.h>

#include "core/format.h"
#include "tests/component/agent/harness.h"

namespace lvs::testing {
namespace {

const DestinationKey kSeven{ip("192.0.2.7"), 80};
constexpr const char* kWebTable =
    "-A -t 192.0.2.1:80 -s wrr\n"
    "-a -t 192.0.2.1:80 -r 192.0.2.7:80 -g -w 3\n"
    "-a -t 192.0.2.1:80 -r 192.0.2.8:80 -g -w 2\n";

TEST(Programming, APlanBecomesTheKernelsTable) {
  Machine machine;
  machine.start_agent();
  const NodePlan plan = director_plan();
  const PlanAnswer answer = machine.put(plan);
  EXPECT_EQ(answer.verdict, PlanVerdict::kStored);
  EXPECT_EQ(answer.hash, hash_of(plan));
  EXPECT_EQ(machine.kernel.table(), kWebTable);
  const NodeStatus status = machine.status();
  EXPECT_EQ(status.stored_plan, hash_of(plan));
  EXPECT_EQ(status.applied_plan, hash_of(plan));
  EXPECT_TRUE(status.problems.empty());
}

TEST(Programming, AChangedSchedulerRefusesNobody) {
  Machine machine;
  machine.start_agent();
  machine.put(director_plan());
  NodePlan plan = director_plan();
  add_service(plan, kWeb, "mh", {{"192.0.2.7", 3}, {"192.0.2.8", 2}});
  machine.put(plan);
  EXPECT_EQ(machine.kernel.table().substr(0, 27), "-A -t 192.0.2.1:80 -s mh\n-a");
  EXPECT_EQ(machine.kernel.exposed_changes(), 0U);
  EXPECT_TRUE(machine.problem_reasons().empty());
}

TEST(Programming, WithoutNftablesASchedulerIsChangedAndThePriceReported) {
  Machine machine;
  machine.start_agent();
  machine.put(director_plan());
  machine.kernel.forget_nftables();
  NodePlan plan = director_plan();
  add_service(plan, kWeb, "lc", {{"192.0.2.7", 3}, {"192.0.2.8", 2}});
  machine.put(plan);
  EXPECT_EQ(machine.kernel.table().substr(0, 25), "-A -t 192.0.2.1:80 -s lc\n");
  EXPECT_EQ(machine.problem_reasons(), std::vector<std::string>{"ClientsRefused"});
  EXPECT_EQ(machine.status().applied_plan, hash_of(plan));
}

TEST(Programming, WithoutAPlanNothingIsTouched) {
  Machine machine;
  machine.kernel.put_foreign_service(kWeb, {"rr", 0, 0, 0});
  machine.start_agent();
  machine.pass(Duration{30'000});
  EXPECT_TRUE(machine.kernel.operations().empty());
  EXPECT_FALSE(machine.status().has_plan);
}

TEST(Programming, AStartThatFindsEverythingRightWritesNothing) {
  Machine machine;
  machine.start_agent();
  machine.put(director_plan());
  machine.stop_agent();
  machine.kernel.forget_history();
  machine.start_agent();
  EXPECT_TRUE(machine.kernel.operations().empty());
  EXPECT_EQ(machine.metric("lvs_agent_start_kernel_writes"), 0);
  EXPECT_EQ(machine.status().applied_plan, hash_of(director_plan()));
}

TEST(Programming, AStartFromTheStoredPlanPutsRightWhatIsMissing) {
  Machine machine;
  machine.start_agent();
  machine.put(director_plan());
  machine.stop_agent();
  machine.kernel.apply(std::vector<Operation>{DeleteDestination{kWeb, kSeven}});
  machine.kernel.forget_history();
  machine.start_agent();
  EXPECT_EQ(machine.kernel.table(), kWebTable);
  EXPECT_EQ(machine.kernel.operations().size(), 1U);
  EXPECT_EQ(machine.metric("lvs_agent_start_kernel_writes"), 1);
}

TEST(Programming, OneWeightIsOneOperationWithoutADump) {
  Machine machine;
  machine.start_agent();
  const NodePlan before = large_plan(20, 50);
  machine.put(before);
  NodePlan after = before;
  add_service(after, kWeb, "wrr", {{"192.0.2.7", 9}, {"192.0.2.8", 2}});
  machine.kernel.forget_history();
  EXPECT_EQ(machine.patch(patch_between(before, after), false).verdict, PlanVerdict::kStored);
  ASSERT_EQ(machine.kernel.operations().size(), 1U);
  EXPECT_EQ(format(machine.kernel.operations()[0]), "-e -t 192.0.2.1:80 -r 192.0.2.7:80 -g -w 9");
  EXPECT_EQ(machine.kernel.apply_calls(), 1U);
  EXPECT_EQ(machine.kernel.service_dumps() + machine.kernel.destination_dumps() +
                machine.kernel.network_dumps(),
            0U);
}

TEST(Programming, ASmallChangeOvertakesALargePlan) {
  Machine machine;
  machine.start_agent();
  machine.put(director_plan());
  const NodePlan large = large_plan(100, 100);
  machine.put(large, false);
  machine.turn();
  NodePlan after = large;
  add_service(after, kWeb, "wrr", {{"192.0.2.7", 9}, {"192.0.2.8", 2}});
  machine.kernel.forget_history();
  machine.patch(patch_between(large, after), false);
  ASSERT_EQ(machine.kernel.operations().size(), 1U);  // in the very next batch
  EXPECT_EQ(format(machine.kernel.operations()[0]), "-e -t 192.0.2.1:80 -r 192.0.2.7:80 -g -w 9");
  machine.settle();
  EXPECT_EQ(machine.status().applied_plan, hash_of(after));
}

TEST(Programming, AChangeToTheServiceInWorkIsNotLost) {
  Machine machine;
  machine.start_agent();
  const NodePlan before = large_plan(1, 5000);
  machine.put(before, false);
  machine.turn();
  NodePlan after = before;
  Weights weights;
  for (int d = 0; d < 5000; ++d) {
    weights.emplace_back("10.0." + std::to_string(d / 250) + "." + std::to_string(1 + d % 250),
                         d == 10 ? 7 : 1);
  }
  add_service(after, tcp("192.0.2.1", 1000), "wrr", weights);
  machine.patch(patch_between(before, after));
  machine.pass(kElected);
  machine.kernel.forget_history();
  machine.pass(Duration{10'000});
  EXPECT_TRUE(machine.kernel.operations().empty());  // reconciliation finds nothing
  EXPECT_NE(machine.kernel.table().find("-r 10.0.0.11:1000 -g -w 7"), std::string::npos);
}

TEST(Programming, AServiceThatTheSchedulerModuleLacksIsReportedAndTriedSlowly) {
  Machine machine;
  machine.kernel.forget_scheduler("mh");
  machine.start_agent();
  NodePlan plan = director_plan();
  add_service(plan, tcp("192.0.2.1", 81), "mh", {{"192.0.2.7", 1}, {"192.0.2.8", 1}});
  machine.put(plan);
  EXPECT_EQ(machine.problem_reasons(), std::vector<std::string>{"SchedulerUnavailable"});
  EXPECT_EQ(machine.status().problems[0].object, "TCP 192.0.2.1:81");
  EXPECT_NE(machine.kernel.table().find(kWebTable), std::string::npos);
  machine.kernel.forget_history();
  machine.pass(Duration{60'000});
  EXPECT_LT(machine.kernel.operations().size(), 30U);
  EXPECT_GT(machine.kernel.operations().size(), 3U);
}

TEST(Programming, ARefusedDestinationDoesNotStopTheOthers) {
  Machine machine;
  machine.start_agent();
  machine.kernel.fail_operation(2, EINVAL);
  machine.put(director_plan());
  EXPECT_EQ(machine.problem_reasons(), std::vector<std::string>{"KernelRefused"});
  EXPECT_NE(machine.kernel.table().find("192.0.2.8"), std::string::npos);
  machine.pass(Duration{1000});
  EXPECT_EQ(machine.kernel.table(), kWebTable);
  EXPECT_TRUE(machine.status().problems.empty());
}

TEST(Programming, RefusedDestinationsOfOneSliceDoNotHideTheRest) {
  Machine machine;
  machine.start_agent();
  for (std::size_t n = 1; n < 1100; ++n) machine.kernel.fail_operation(n + 5, EINVAL);
  machine.put(large_plan(1, 3000));
  EXPECT_NE(machine.kernel.table().find("-r 10.0.11.250:1000"), std::string::npos);
}

TEST(Programming, AStalePictureIsReadAgain) {
  Machine machine;
  machine.start_agent();
  machine.put(director_plan());
  machine.kernel.apply(std::vector<Operation>{DeleteDestination{kWeb, kSeven}});
  NodePlan after = director_plan();
  add_service(after, kWeb, "wrr", {{"192.0.2.7", 9}, {"192.0.2.8", 2}});
  machine.patch(patch_between(director_plan(), after));
  EXPECT_NE(machine.kernel.table().find("-r 192.0.2.7:80 -g -w 9"), std::string::npos);
  EXPECT_TRUE(machine.status().problems.empty());
}

TEST(Programming, LostAnswersAreReadAgain) {
  Machine machine;
  machine.start_agent();
  machine.kernel.lose_answers_of_next_apply();
  machine.put(director_plan());
  machine.pass(Duration{1000});
  EXPECT_EQ(machine.kernel.table(), kWebTable);
  EXPECT_EQ(machine.status().applied_plan, hash_of(director_plan()));
}

TEST(Programming, AnApplyThatBreaksOffIsFinished) {
  for (std::size_t count = 0; count < 5; ++count) {
    Machine machine;
    machine.start_agent();
    machine.kernel.cut_next_apply_after(count);
    machine.put(director_plan());
    machine.pass(Duration{1000});
    EXPECT_EQ(machine.kernel.table(), kWebTable) << "after " << count;
  }
}

TEST(Programming, AKernelThatCannotBeReadIsNotWritten) {
  Machine machine;
  machine.start_agent();
  for (int i = 0; i < 3; ++i) {
    machine.kernel.fail_next_dump({ErrorCode::kPermissionDenied, "no CAP_NET_ADMIN"});
  }
  machine.put(director_plan());
  EXPECT_TRUE(machine.kernel.operations().empty());
  EXPECT_EQ(machine.problem_reasons(), std::vector<std::string>{"KernelUnavailable"});
  machine.pass(Duration{2000});
  EXPECT_EQ(machine.kernel.table(), kWebTable);
  EXPECT_TRUE(machine.status().problems.empty());
}

TEST(Programming, ReconciliationRepairsDriftAndCountsIt) {
  Machine machine;
  machine.start_agent();
  machine.put(director_plan());
  machine.kernel.apply(std::vector<Operation>{
      SetDestination{kWeb, kSeven, {ForwardingMethod::kDirectRouting, 77, 0, 0}}});
  machine.pass(Duration{10'000});
  EXPECT_EQ(machine.kernel.table(), kWebTable);
  EXPECT_EQ(machine.metric("lvs_agent_drift_found_total"), 1);
  EXPECT_EQ(machine.metric("lvs_agent_drift_repaired_total"), 1);
  machine.kernel.apply(std::vector<Operation>{DeleteService{kWeb}});
  machine.pass(Duration{10'000});
  EXPECT_EQ(machine.kernel.table(), kWebTable);
}

TEST(Programming, WhatIsLeftOfADrainedServersConnectionsIsTold) {
  Machine machine;
  machine.start_agent();
  NodePlan plan = director_plan();
  auto drained = std::make_shared<PlannedService>(*plan.services.at(kWeb));
  drained->destinations[0].admission = Admission::kDrain;
  plan.services[kWeb] = drained;
  machine.put(director_plan());
  machine.kernel.set_connections(kWeb, kSeven, {5, 1, 0});
  machine.patch(patch_between(director_plan(), plan));
  machine.pass(Duration{15'000});
  ASSERT_EQ(machine.status().draining.size(), 1U);
  EXPECT_EQ(machine.status().draining[0], (LingeringDestination{kWeb, kSeven, {5, 1, 0}}));
  machine.kernel.set_connections(kWeb, kSeven, {2, 1, 0});
  machine.pass(Duration{3'000});
  ASSERT_EQ(machine.status().draining.size(), 1U);
  EXPECT_EQ(machine.status().draining[0].connections.active, 2U);
  machine.kernel.set_connections(kWeb, kSeven, {0, 0, 0});
  machine.pass(Duration{3'000});
  EXPECT_TRUE(machine.status().draining.empty());
  EXPECT_NE(machine.kernel.table().find("-r 192.0.2.7:80 -g -w 0"), std::string::npos)
      << "it stays, and waits for its return";
}

TEST(Programming, ADrainKeepsConnectionsUntilTheyEnd) {
  Machine machine;
  machine.start_agent();
  machine.put(director_plan());
  machine.kernel.set_connections(kWeb, kSeven, {5, 1, 0});
  NodePlan after = director_plan();
  add_service(after, kWeb, "wrr", {{"192.0.2.8", 2}});
  machine.patch(patch_between(director_plan(), after));
  EXPECT_NE(machine.kernel.table().find("-r 192.0.2.7:80 -g -w 0"), std::string::npos);
  machine.pass(Duration{5000});
  ASSERT_EQ(machine.status().lingering.size(), 1U);
  EXPECT_EQ(machine.status().lingering[0].connections, (ConnectionCounts{5, 1, 0}));
  EXPECT_NE(machine.kernel.table().find("192.0.2.7"), std::string::npos);
  machine.kernel.set_connections(kWeb, kSeven, {0, 0, 0});
  machine.pass(Duration{4000});
  EXPECT_EQ(machine.kernel.table().find("192.0.2.7"), std::string::npos);
  EXPECT_TRUE(machine.status().lingering.empty());
  EXPECT_EQ(machine.metric("lvs_agent_drift_found_total"), 0);
}

TEST(Programming, ADrainThatTakesTooLongIsCut) {
  Machine machine;
  machine.start_agent();
  machine.put(director_plan());
  machine.kernel.set_connections(kWeb, kSeven, {5, 1, 0});
  NodePlan after = director_plan();
  add_service(after, kWeb, "wrr", {{"192.0.2.8", 2}});
  machine.patch(patch_between(director_plan(), after));
  machine.pass(Duration{59'000});
  EXPECT_NE(machine.kernel.table().find("192.0.2.7"), std::string::npos);
  machine.pass(Duration{3000});
  EXPECT_EQ(machine.kernel.table().find("192.0.2.7"), std::string::npos);
}

TEST(Programming, StateTellsWhatWouldBeDoneAndDoesNothing) {
  Machine machine;
  machine.start_agent();
  machine.put(director_plan());
  machine.kernel.apply(std::vector<Operation>{DeleteDestination{kWeb, kSeven}});
  machine.kernel.put_foreign_service(tcp("192.0.2.99", 99), {"rr", 0, 0, 0});
  machine.kernel.forget_history();
  const NodeState state = machine.state();
  EXPECT_EQ(state.pending, std::vector<std::string>{"-a -t 192.0.2.1:80 -r 192.0.2.7:80 -g -w 3"});
  EXPECT_EQ(state.services.size(), 2U);
  EXPECT_TRUE(machine.kernel.operations().empty());
}

}  // namespace
}  // namespace lvs::testing
