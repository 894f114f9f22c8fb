// What a scrape says of services and real servers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/component/agent/harness.h"

namespace lvs::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const DestinationKey kServerSeven{ip("192.0.2.7"), 80};
constexpr const char* kWebLabels = R"(node="a",service="TCP 192.0.2.1:80")";
constexpr const char* kSevenLabels = R"(node="a",service="TCP 192.0.2.1:80",server="192.0.2.7:80")";

std::string line(const std::string& name, const std::string& labels, const std::string& value) {
  return "\n" + name + "{" + labels + "} " + value + "\n";
}

PlannedService& change(NodePlan& plan) {
  auto changed = std::make_shared<PlannedService>(*plan.services.at(kWeb));
  PlannedService& service = *changed;
  plan.services[kWeb] = std::move(changed);
  return service;
}

class StatisticsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    machine.start_agent();
    machine.put(plan);
  }
  // The page asks the loop at most once a second.
  std::string scrape() {
    machine.pass(Duration{1'000});
    return machine.scrape();
  }
  void expect_reason(const char* reason) {
    const std::string page = scrape();
    EXPECT_THAT(page,
                HasSubstr(line("lvs_agent_destination_out",
                               std::string(kSevenLabels) + ",reason=\"" + reason + "\"", "1")));
    EXPECT_THAT(page, HasSubstr(line("lvs_agent_service_servers",
                                     std::string(kWebLabels) + ",state=\"" + reason + "\"", "1")));
    EXPECT_THAT(page, HasSubstr(line("lvs_agent_service_servers",
                                     std::string(kWebLabels) + ",state=\"Serving\"", "1")));
  }

  Machine machine;
  NodePlan plan = director_plan();
};

TEST_F(StatisticsTest, TheKernelsNumbersAreOnThePage) {
  machine.kernel.set_connections(kWeb, kServerSeven, {4, 5, 0},
                                 {6, 5'000'000'000, 0, 7'000'000'000'000, 0});
  const std::string page = scrape();
  EXPECT_THAT(
      page, HasSubstr(line(
                "lvs_agent_service_info",
                std::string(kWebLabels) + R"(,virtual_service="shop/web",scheduler="wrr")", "1")));
  EXPECT_THAT(page, HasSubstr(line("lvs_agent_destination_connections_total", kSevenLabels, "6")));
  EXPECT_THAT(page,
              HasSubstr(line("lvs_agent_destination_packets_total",
                             std::string(kSevenLabels) + R"(,direction="in")", "5000000000")));
  EXPECT_THAT(page,
              HasSubstr(line("lvs_agent_destination_bytes_total",
                             std::string(kSevenLabels) + R"(,direction="in")", "7000000000000")));
  EXPECT_THAT(page, HasSubstr(line("lvs_agent_destination_active_connections", kSevenLabels, "4")));
  EXPECT_THAT(page,
              HasSubstr(line("lvs_agent_destination_inactive_connections", kSevenLabels, "5")));
  EXPECT_THAT(page, HasSubstr(line("lvs_agent_destination_weight", kSevenLabels, "3")));
  EXPECT_THAT(page, HasSubstr(line("lvs_agent_destination_configured_weight", kSevenLabels, "3")));
}

TEST_F(StatisticsTest, TheSorryServerIsCountedWhileItServes) {
  PlannedService& service = change(plan);
  service.header.sorry = PlannedSorryServer{{ip("192.0.2.99"), 80}};
  for (PlannedDestination& each : service.destinations) each.admission = Admission::kDrain;
  machine.put(plan);
  const std::string page = scrape();
  EXPECT_THAT(page, HasSubstr(line("lvs_agent_service_servers",
                                   std::string(kWebLabels) + ",state=\"Sorry\"", "1")));
  EXPECT_THAT(page, HasSubstr(line("lvs_agent_service_servers",
                                   std::string(kWebLabels) + ",state=\"Serving\"", "0")));
  EXPECT_THAT(page, Not(HasSubstr("server=\"192.0.2.99:80\",reason=")));
}

TEST_F(StatisticsTest, AnsweringPacketsOfAServerAreShownWhereTheyPass) {
  constexpr const char* kOut = "server=\"192.0.2.7:80\",direction=\"out\"";
  EXPECT_THAT(scrape(), Not(HasSubstr(kOut)));
  change(plan).destinations[0].config.forwarding = ForwardingMethod::kMasquerade;
  machine.put(plan);
  EXPECT_THAT(scrape(), HasSubstr(kOut));
}

TEST_F(StatisticsTest, WhoIsOutIsNamedWithTheReason) {
  EXPECT_THAT(scrape(), Not(HasSubstr("lvs_agent_destination_out{")));
  PlannedDestination& seven = change(plan).destinations[0];
  seven.admission = Admission::kDrain;
  machine.put(plan);
  expect_reason("Draining");
  seven.admission = Admission::kHold;
  machine.put(plan);
  expect_reason("Preparing");
  seven.admission = Admission::kAdmit;
  seven.config.weight = 0;
  machine.put(plan);
  expect_reason("Quiesced");
}

TEST_F(StatisticsTest, WhoHasLeftThePlanIsLeaving) {
  machine.kernel.set_connections(kWeb, kServerSeven, {1, 0, 0});
  change(plan).destinations.erase(plan.services.at(kWeb)->destinations.begin());
  machine.put(plan);
  expect_reason("Leaving");
}

TEST_F(StatisticsTest, WhatSomebodyElseChangedIsSaid) {
  machine.kernel.apply(std::vector<Operation>{
      SetDestination{kWeb, kServerSeven, {ForwardingMethod::kDirectRouting, 0, 0, 0}}});
  const std::string changed = machine.scrape();
  EXPECT_THAT(changed, HasSubstr("reason=\"Changed\"} 1"));
  machine.kernel.apply(std::vector<Operation>{DeleteDestination{kWeb, kServerSeven}});
  machine.clock.advance(Duration{1'000});
  const std::string missing = machine.scrape();
  EXPECT_THAT(missing, HasSubstr("reason=\"Missing\"} 1"));
  EXPECT_THAT(missing, Not(HasSubstr("lvs_agent_destination_weight{" + std::string(kSevenLabels))));
}

TEST_F(StatisticsTest, AServiceThatGoesTakesItsSeriesAlong) {
  plan.services.erase(kWeb);
  plan.withdrawn.insert({"shop", "web"});
  machine.put(plan);
  EXPECT_THAT(scrape(), Not(HasSubstr("192.0.2.1:80")));
}

TEST_F(StatisticsTest, ForeignServicesAreNotShown) {
  machine.kernel.put_foreign_service(tcp("192.0.2.99", 80), {"rr", 0, 0, 0});
  EXPECT_THAT(scrape(), Not(HasSubstr("192.0.2.99")));
}

TEST_F(StatisticsTest, WithoutDestinationsNoneIsRead) {
  machine.destination_statistics = false;
  machine.start_agent();
  const std::size_t dumps = machine.kernel.destination_dumps();
  const std::string page = machine.scrape();
  EXPECT_EQ(machine.kernel.destination_dumps(), dumps);
  EXPECT_THAT(page, Not(HasSubstr("lvs_agent_destination")));
  EXPECT_THAT(page, HasSubstr(line("lvs_agent_service_servers",
                                   std::string(kWebLabels) + ",state=\"Serving\"", "2")));
}

TEST_F(StatisticsTest, WhoAsksAgainAtOnceCostsNothing) {
  const std::string first = scrape();
  const std::size_t dumps = machine.kernel.service_dumps();
  EXPECT_EQ(machine.scrape(), first);
  EXPECT_EQ(machine.kernel.service_dumps(), dumps);
}

TEST_F(StatisticsTest, AKernelThatCannotBeReadLeavesThemOut) {
  machine.pass(Duration{1'000});
  machine.kernel.fail_next_dump({ErrorCode::kUnavailable, "gone"});
  EXPECT_EQ(machine.scrape(), "");
  EXPECT_EQ(machine.metric("lvs_agent_statistics_failures_total"), 1);
  EXPECT_THAT(scrape(), HasSubstr("lvs_agent_service_info"));
}

// A plan that comes while a scrape reads is not held up by it.
TEST_F(StatisticsTest, AChangeGoesInBetween) {
  const NodePlan large = large_plan(10, 1000);
  machine.put(large);
  bool answered = false;
  machine.loop().post(StatisticsRequested{[&](const auto& /*result*/) { answered = true; }});
  machine.turn();
  NodePlan changed = large;
  add_service(changed, kWeb, "wrr", {{"192.0.2.7", 5}, {"192.0.2.8", 2}});
  machine.patch(patch_between(large, changed), false);
  EXPECT_FALSE(answered);
  EXPECT_THAT(machine.kernel.table(), HasSubstr("-r 192.0.2.7:80 -g -w 5"));
  machine.settle();
  EXPECT_TRUE(answered);
}

}  // namespace
}  // namespace lvs::testing
