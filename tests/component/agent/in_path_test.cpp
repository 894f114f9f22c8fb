// Checks through the VIP: what they need of the kernel comes before them and goes after them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/cleanup.h"
#include "tests/component/agent/harness.h"

namespace lvs::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

NodePlan plan_in_path() {
  NodePlan plan = director_plan();
  PlannedService service = *plan.services.at(kWeb);
  HealthCheckSpec check;
  check.target = CheckTarget::kInPath;
  service.header.health = PlannedHealth{check};
  plan.services[kWeb] = std::make_shared<const PlannedService>(std::move(service));
  return plan;
}

NodePlan plan_without_services() {
  NodePlan plan = director_plan();
  plan.services.clear();
  plan.withdrawn = {{"shop", "web"}};
  return plan;
}

class InPathTest : public ::testing::Test {
 protected:
  InPathTest() { machine.kernel.put_foreign_service(kForeign, {"lc", 0, 0, 0}); }

  bool has_mark_service() {
    return machine.kernel.table().find("-A -f 1291845633 ") != std::string::npos;
  }
  std::size_t asked() { return machine.health.watched[kWeb].size(); }

  const ServiceKey kForeign{ip("0.0.0.0"), Protocol::kTcp, 0, kDefaultProbeMarks};
  Machine machine;
};

TEST_F(InPathTest, AsksByTheMarkFromItsOwnAddress) {
  machine.start_agent();
  machine.put(plan_in_path());
  ASSERT_EQ(asked(), 2U);
  const CheckedServer& first = *machine.health.watched[kWeb].begin();
  ASSERT_TRUE(first.route);
  EXPECT_EQ(first.route->vip, ip("192.0.2.1"));
  EXPECT_NE(first.route->path.source, ip("192.0.2.1"));
  EXPECT_EQ(first.route->path.mark, kDefaultProbeMarks + 1) << "the first is somebody else's";
  EXPECT_TRUE(has_mark_service());
  EXPECT_EQ(machine.kernel.accept_local("eth0"), 1);
  EXPECT_THAT(machine.state().pending, IsEmpty());
}

TEST_F(InPathTest, NobodyTakesThemForVirtualServices) {
  machine.start_agent();
  machine.put(plan_in_path());
  EXPECT_EQ(machine.state().services.size(), 2U) << "the planned one and the foreign one";
  EXPECT_THAT(machine.scrape(), Not(HasSubstr("FWM")));
  EXPECT_EQ(machine.metric("lvs_agent_services"), 1);
}

TEST_F(InPathTest, AreGoneWhenNobodyNeedsThem) {
  machine.start_agent();
  machine.put(plan_in_path());
  machine.put(plan_without_services());
  machine.pass(Duration{12'000});
  EXPECT_FALSE(has_mark_service());
  EXPECT_EQ(machine.kernel.table(), "-A -f 1291845632 -s lc\n");
  EXPECT_EQ(machine.kernel.accept_local("eth0"), 0);
}

TEST_F(InPathTest, AForeignSettingStays) {
  machine.kernel.set_accept_local("eth0", 1);
  machine.start_agent();
  machine.put(plan_in_path());
  machine.put(plan_without_services());
  machine.pass(Duration{12'000});
  EXPECT_EQ(machine.kernel.accept_local("eth0"), 1);
}

TEST_F(InPathTest, AnAgentThatStartsAgainWritesNothing) {
  machine.start_agent();
  machine.put(plan_in_path());
  machine.pass(kElected);
  machine.stop_agent();
  machine.kernel.forget_history();
  machine.start_agent();
  machine.settle();
  for (const Operation& operation : machine.kernel.operations()) {
    EXPECT_TRUE(std::holds_alternative<AddAddress>(operation)) << "only the VIP is kept alive";
  }
  EXPECT_EQ(asked(), 2U);
}

TEST_F(InPathTest, WithoutAPathAServerIsUnknownAndKeepsItsWeight) {
  machine.kernel.add_direct_route({ip("192.0.2.0"), 24});
  machine.start_agent();
  machine.put(director_plan());
  const std::string before = machine.kernel.table();
  machine.kernel.remove_address(ip("192.0.2.10"), "eth0");
  machine.put(plan_in_path());
  EXPECT_EQ(asked(), 0U);
  EXPECT_EQ(machine.kernel.table(), before);
  EXPECT_THAT(machine.problem_reasons(), Contains("NoPathForCheck"));
}

TEST_F(InPathTest, AreTakenOffAtUninstall) {
  machine.start_agent();
  machine.put(plan_in_path());
  machine.stop_agent();
  MetricsRegistry registry;
  AgentMetrics metrics(registry);
  ASSERT_TRUE(clean_up(machine.kernel, machine.state_folder(), machine.run_folder(), metrics));
  EXPECT_EQ(machine.kernel.table(), "-A -f 1291845632 -s lc\n");
  EXPECT_EQ(machine.kernel.accept_local("eth0"), 0);
}

}  // namespace
}  // namespace lvs::testing
