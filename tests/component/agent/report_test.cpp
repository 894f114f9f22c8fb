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

}  // namespace
}  // namespace lvs::testing
