// What the status tells an operator that did not make the plan itself.
#include <gtest/gtest.h>

#include "tests/component/agent/harness.h"

namespace lvs::testing {
namespace {

TEST(Report, ABackendCarriesWhatThePlanSaysOfIt) {
  Machine machine;
  machine.start_agent();
  NodePlan plan;
  plan.node = "a";
  plan.backends[ip("192.0.2.100")] = {ip("192.0.2.10"), ForwardingMethod::kTunnel};
  machine.put(plan);
  machine.stop_agent();
  machine.start_agent();
  const auto backends = machine.status().backends;
  ASSERT_EQ(backends.size(), 1U);
  EXPECT_EQ(backends[0].server_address, ip("192.0.2.10"));
  EXPECT_EQ(backends[0].forwarding, ForwardingMethod::kTunnel);
}

// Else the operator believes that nothing is sent to the server, and its VIP goes.
TEST(Report, WhatAPausedServiceStillSendsToIsLingering) {
  Machine machine;
  machine.start_agent();
  machine.put(director_plan());
  NodePlan plan = director_plan();
  auto paused = std::make_shared<PlannedService>(*plan.services.at(kWeb));
  paused->header.paused = true;
  paused->destinations.pop_back();
  plan.services[kWeb] = paused;
  machine.put(plan);
  const auto lingering = machine.status().lingering;
  ASSERT_EQ(lingering.size(), 1U);
  EXPECT_EQ(lingering[0].service, kWeb);
  EXPECT_EQ(lingering[0].key, (DestinationKey{ip("192.0.2.8"), 80}));
}

TEST(Report, WhatIsHeldBackIsNoPendingOperation) {
  Machine machine;
  machine.start_agent();
  const NodePlan plan = large_plan(20, 2);
  machine.put(plan);
  NodePlan mistake = plan;
  mistake.services.clear();
  machine.put(mistake);
  EXPECT_EQ(machine.problem_reasons(), std::vector<std::string>{"MassDeletionHeld"});
  EXPECT_TRUE(machine.state().pending.empty());
}

}  // namespace
}  // namespace lvs::testing
