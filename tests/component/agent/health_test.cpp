// What checks find becomes weights in the kernel, at once and without anybody's help.
#include <gtest/gtest.h>

#include "tests/component/agent/harness.h"

namespace lvs::testing {
namespace {

const IpAddress kSeven = ip("192.0.2.7");
const IpAddress kEight = ip("192.0.2.8");
constexpr HealthState kUp = HealthState::kHealthy;
constexpr HealthState kDown = HealthState::kUnhealthy;

NodePlan checked_plan(int fail_open_percent = 50) {
  NodePlan plan = director_plan();
  PlannedService service = *plan.services.at(kWeb);
  HealthCheckSpec check;
  service.header.health = PlannedHealth{check, fail_open_percent};
  plan.services[kWeb] = std::make_shared<const PlannedService>(std::move(service));
  return plan;
}

class HealthTest : public ::testing::Test {
 protected:
  HealthTest() { machine.start_agent(); }

  void hear(PoolHealth pool) {
    machine.loop().post(PoolHealthHeard{kWeb, std::move(pool)});
    machine.settle();
  }
  void hear(HealthState seven, HealthState eight) {
    hear({{kSeven, {seven, seven == kDown ? "refused" : ""}},
          {kEight, {eight, eight == kDown ? "HTTP status 500" : ""}}});
  }
  // "3 2": the weights of the two servers in the kernel.
  std::string weights() {
    std::string text;
    const auto destinations = machine.kernel.dump_destinations(kWeb).value();
    for (const auto& destination : destinations) {
      text += (text.empty() ? "" : " ") + std::to_string(destination.config.weight);
    }
    return text;
  }

  Machine machine;
};

TEST_F(HealthTest, ANewServerGetsItsWeightWhenItIsHealthy) {
  machine.put(checked_plan());
  EXPECT_EQ(machine.health.watched.at(kWeb).size(), 2U);
  EXPECT_EQ(weights(), "0 0");
  hear({{kSeven, {kUp, ""}}, {kEight, {}}});
  EXPECT_EQ(weights(), "3 0");
  hear(kUp, kUp);
  EXPECT_EQ(weights(), "3 2");
}

TEST_F(HealthTest, AnUnhealthyServerIsOutAndComesBack) {
  machine.put(checked_plan());
  hear(kUp, kUp);
  hear(kUp, kDown);
  EXPECT_EQ(weights(), "3 0");
  const std::vector<UnhealthyServer> expected{{kWeb, kEight, "HTTP status 500"}};
  EXPECT_EQ(machine.status().unhealthy, expected);
  EXPECT_EQ(machine.state().pending, std::vector<std::string>{});
  hear(kUp, kUp);
  EXPECT_EQ(weights(), "3 2");
  EXPECT_TRUE(machine.status().unhealthy.empty());
}

TEST_F(HealthTest, APoolThatLooksDeadIsKeptAndSaysSo) {
  machine.put(checked_plan());
  hear(kUp, kUp);
  hear(kDown, kDown);
  EXPECT_EQ(weights(), "3 2");
  EXPECT_EQ(machine.problem_reasons(), std::vector<std::string>{"PoolFailOpen"});
  hear(kUp, kDown);
  EXPECT_EQ(weights(), "3 0");
  EXPECT_TRUE(machine.problem_reasons().empty());
}

// Nothing is known after a restart: the kernel keeps what the agent before it has found.
TEST_F(HealthTest, ARestartTakesNobodyOutAndBringsNobodyBack) {
  machine.put(checked_plan());
  hear(kUp, kUp);
  hear(kUp, kDown);
  machine.stop_agent();
  machine.health.watched.clear();
  machine.start_agent();
  machine.pass(Duration{15'000});
  EXPECT_EQ(machine.health.watched.at(kWeb).size(), 2U);
  EXPECT_EQ(weights(), "3 0");
  hear({{kSeven, {}}, {kEight, {kUp, ""}}});
  EXPECT_EQ(weights(), "3 2");
}

TEST_F(HealthTest, WithoutACheckNothingIsAsked) {
  machine.put(director_plan());
  EXPECT_TRUE(machine.health.watched.empty());
  EXPECT_EQ(weights(), "3 2");
}

TEST_F(HealthTest, ACheckThatIsTakenAwayPutsEverybodyBack) {
  machine.put(checked_plan());
  hear(kUp, kUp);
  hear(kUp, kDown);
  machine.put(director_plan());
  EXPECT_TRUE(machine.health.watched.at(kWeb).empty());
  EXPECT_EQ(weights(), "3 2");
  EXPECT_TRUE(machine.status().unhealthy.empty());
  hear(kDown, kUp);
  EXPECT_EQ(weights(), "3 2") << "what comes too late is nobody's";
}

TEST_F(HealthTest, AddingACheckToWhatServesInterruptsNobody) {
  machine.put(director_plan());
  machine.put(checked_plan());
  EXPECT_EQ(weights(), "3 2");
}

TEST_F(HealthTest, AServiceThatGoesTakesItsProblemWithIt) {
  machine.put(checked_plan());
  hear(kUp, kUp);
  hear(kDown, kDown);
  NodePlan plan = checked_plan();
  plan.services.clear();
  machine.put(plan);
  EXPECT_TRUE(machine.problem_reasons().empty());
  EXPECT_TRUE(machine.health.watched.at(kWeb).empty());
}

TEST_F(HealthTest, IsCounted) {
  machine.put(checked_plan(100));
  hear(kUp, kDown);
  machine.pass(Duration{2'000});
  EXPECT_EQ(machine.metric("lvs_agent_health_servers"), 2);
  EXPECT_EQ(machine.metric("lvs_agent_health_servers_unhealthy"), 1);
  EXPECT_EQ(machine.metric("lvs_agent_health_pools_fail_open"), 0);
}

}  // namespace
}  // namespace lvs::testing
