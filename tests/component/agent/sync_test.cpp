// Connection sync as the agent keeps it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/cleanup.h"
#include "tests/component/agent/harness.h"

namespace lvs::testing {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Not;

const SyncDaemon kTelling{SyncRole::kMaster, "eth0", 76, ip("224.0.0.81"), 8848};
const SyncDaemon kListening{SyncRole::kBackup, "eth0", 76, ip("224.0.0.81"), 8848};

class ConnectionSync : public ::testing::Test {
 protected:
  void start(const NodePlan& plan) {
    machine.has_ports = true;
    machine.start_agent();
    machine.put(plan);
  }
  static NodePlan shared() {
    NodePlan plan = director_plan();
    plan.vips[ip("192.0.2.1")].candidates = {"a", "b"};
    plan.directors["a"] = {{ip("192.0.2.10")}};
    plan.directors["b"] = {{ip("192.0.2.11")}};
    return plan;
  }
  ObservedSync sync() { return machine.kernel.dump_sync().value(); }
  bool says_warm() {
    machine.pass(Duration{100});
    return !machine.ports.sent.empty() && machine.ports.sent.back().warm;
  }

  Machine machine;
};

TEST_F(ConnectionSync, RunsOnEveryDirectorOfASharedVip) {
  start(shared());
  EXPECT_EQ(sync().daemons, (std::vector{kTelling, kListening}));
  EXPECT_EQ(sync().settings.at(kSyncThreshold), "1 0");
  EXPECT_THAT(machine.state().pending, IsEmpty());
}

TEST_F(ConnectionSync, IsNotNeededWhereNobodyElseCouldTakeTheVip) {
  start(director_plan());
  EXPECT_TRUE(sync().daemons.empty());
  EXPECT_EQ(sync().settings.at(kSyncPorts), "1");
}

TEST_F(ConnectionSync, EndsWithTheSharedVipAndLeavesTheKernelAsItWas) {
  const ObservedSync before = sync();
  start(shared());
  machine.put(director_plan());
  EXPECT_TRUE(sync().daemons.empty());
  NodePlan nothing = director_plan();
  nothing.vips.clear();
  nothing.services.clear();
  machine.put(nothing);
  EXPECT_EQ(sync(), before);
}

TEST_F(ConnectionSync, IsTakenOffAtUninstall) {
  const ObservedSync before = sync();
  start(shared());
  machine.stop_agent();
  MetricsRegistry registry;
  AgentMetrics metrics(registry);
  EXPECT_TRUE(clean_up(machine.kernel, machine.state_folder(), machine.run_folder(), metrics));
  EXPECT_EQ(sync(), before);
}

TEST_F(ConnectionSync, ARestartedAgentTouchesNothingAndIsWarmAtOnce) {
  start(shared());
  machine.pass(Duration{12'000});
  EXPECT_TRUE(says_warm());
  machine.kernel.forget_history();
  machine.ports.sent.clear();
  machine.start_agent();
  EXPECT_TRUE(says_warm());
  for (const Operation& operation : machine.kernel.operations()) {
    EXPECT_FALSE(std::holds_alternative<StartSyncDaemon>(operation));
    EXPECT_FALSE(std::holds_alternative<StopSyncDaemon>(operation));
  }
}

TEST_F(ConnectionSync, SomebodyElsesDaemonRunsOnAndIsReported) {
  SyncDaemon theirs = kTelling;
  theirs.id = 5;
  machine.kernel.put_foreign_daemon(theirs);
  start(shared());
  EXPECT_EQ(sync().daemons, (std::vector{theirs, kListening}));
  EXPECT_THAT(machine.problem_reasons(), Contains("ForeignSyncDaemon"));
  machine.put(director_plan());
  EXPECT_EQ(sync().daemons, std::vector{theirs});
  EXPECT_THAT(machine.problem_reasons(), Not(Contains("ForeignSyncDaemon")));
}

TEST_F(ConnectionSync, WhatTheKernelRefusesIsTriedAgain) {
  machine.kernel.put_setting(kSyncPorts, "4");  // three other settings come before the daemons
  machine.kernel.fail_operation(3, EPERM);
  start(shared());
  machine.pass(Duration{11'000});
  EXPECT_THAT(machine.problem_reasons(), IsEmpty());
  EXPECT_EQ(sync().daemons, (std::vector{kTelling, kListening}));
}

TEST_F(ConnectionSync, WhoMissedConnectionsIsCold) {
  start(shared());
  machine.pass(Duration{12'000});
  EXPECT_TRUE(says_warm());
  machine.kernel.set_link_state("eth0", true, false);
  machine.loop().post(NetworkChanged{});
  machine.settle();
  EXPECT_FALSE(says_warm());
  machine.kernel.set_link_state("eth0", true, true);
  machine.loop().post(NetworkChanged{});
  machine.pass(Duration{8'000});
  EXPECT_FALSE(says_warm());
  machine.pass(Duration{3'000});
  EXPECT_TRUE(says_warm());
}

TEST_F(ConnectionSync, ADaemonThatSomebodyStoppedRunsAgain) {
  start(shared());
  machine.pass(Duration{12'000});
  machine.kernel.apply(std::vector<Operation>{StopSyncDaemon{SyncRole::kBackup}});
  machine.pass(Duration{11'000});
  EXPECT_EQ(sync().daemons, (std::vector{kTelling, kListening}));
  EXPECT_FALSE(says_warm());
}

}  // namespace
}  // namespace lvs::testing
