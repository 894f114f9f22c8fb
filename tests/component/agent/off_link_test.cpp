#include <gtest/gtest.h>

#include "tests/component/agent/harness.h"

namespace lvs::testing {
namespace {

TEST(OffLink, AServerThatIsOffLinkGetsNoNewConnections) {
  Machine machine;
  machine.start_agent();
  NodePlan plan = director_plan();
  add_service(plan, kWeb, "wrr", {{"192.0.2.7", 3}, {"198.51.100.8", 2}});
  machine.put(plan);
  const std::string held =
      "-A -t 192.0.2.1:80 -s wrr\n"
      "-a -t 192.0.2.1:80 -r 192.0.2.7:80 -g -w 3\n"
      "-a -t 192.0.2.1:80 -r 198.51.100.8:80 -g -w 0\n";
  EXPECT_EQ(machine.kernel.table(), held);
  EXPECT_EQ(machine.status().off_link, std::vector<IpAddress>{ip("198.51.100.8")});
  EXPECT_TRUE(machine.state().pending.empty());

  machine.kernel.fail_next_dump({ErrorCode::kUnavailable, "lost"});
  machine.pass(Duration{10'000});
  EXPECT_EQ(machine.kernel.table(), held);

  machine.kernel.add_direct_route({ip("198.51.100.0"), 24});
  machine.pass(Duration{20'000});
  EXPECT_EQ(machine.kernel.table().find("-w 0"), std::string::npos);
  EXPECT_TRUE(machine.status().off_link.empty());
}

TEST(OffLink, ATunnelMayLeadAnywhere) {
  Machine machine;
  machine.start_agent();
  NodePlan plan = director_plan();
  add_service(plan, kWeb, "wrr", {{"198.51.100.8", 2}});
  auto service = std::make_shared<PlannedService>(*plan.services.at(kWeb));
  service->destinations[0].config.forwarding = ForwardingMethod::kTunnel;
  plan.services[kWeb] = service;
  machine.put(plan);
  EXPECT_EQ(
      machine.kernel.table(),
      "-A -t 192.0.2.1:80 -s wrr\n-a -t 192.0.2.1:80 -r 198.51.100.8:80 -i -w 2 --tun-type ipip\n");
  EXPECT_TRUE(machine.status().off_link.empty());
}

TEST(OffLink, ManyAreNotAllAskedFor) {
  Machine machine;
  machine.start_agent();
  NodePlan plan = director_plan();
  Weights weights;
  for (int d = 0; d < 2'000; ++d) {
    weights.emplace_back("172.16." + std::to_string(d / 250) + "." + std::to_string(1 + d % 250),
                         1);
  }
  add_service(plan, kWeb, "wrr", weights);
  machine.put(plan);
  EXPECT_EQ(machine.status().off_link.size(), 256U);
}

}  // namespace
}  // namespace lvs::testing
