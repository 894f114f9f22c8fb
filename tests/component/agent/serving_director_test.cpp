// A director that is a real server, too, and one that takes a VIP over.
#include <algorithm>

#include <gtest/gtest.h>

#include "tests/component/agent/harness.h"

namespace lvs::testing {
namespace {

const IpAddress kServed = ip("192.0.2.1");
constexpr HardwareAddress kOthersHardware{2, 0, 0, 0, 0, 11};

class ServingDirector : public ::testing::Test {
 protected:
  static NodePlan shared_plan(const std::vector<std::string>& candidates) {
    NodePlan plan = director_plan();
    plan.vips[kServed].candidates = candidates;
    plan.directors["a"] = {{ip("192.0.2.10")}};
    plan.directors["b"] = {{ip("192.0.2.11")}};
    return plan;
  }
  void start(const NodePlan& plan) {
    machine.has_ports = true;
    machine.start_agent();
    machine.put(plan);
  }
  // Director b speaks, all the while.
  void pass_with_peer(Duration time, Claim claim, std::uint64_t term,
                      const std::string& offer_to = "") {
    for (Duration passed{0}; passed < time; passed += Duration{50}) {
      Heartbeat heartbeat{"b", 7, ++sequence, {kOthersHardware}, true, true, {}, {}};
      heartbeat.vips = {{kServed, claim, term, true, false, offer_to}};
      machine.loop().post(ElectionHeard{HeartbeatReceived{heartbeat}});
      machine.clock.advance(Duration{50});
      machine.settle();
    }
  }
  std::vector<Duration> holds_of_resets() {
    std::vector<Duration> found;
    for (const Operation& operation : machine.kernel.operations()) {
      const auto* add = std::get_if<AddAddress>(&operation);
      if (add != nullptr && add->hold_resets > Duration{0}) found.push_back(add->hold_resets);
    }
    return found;
  }
  bool holds() {
    const auto addresses = machine.kernel.dump_network()->addresses;
    return std::any_of(addresses.begin(), addresses.end(), [](const ObservedAddress& each) {
      return each.address == kServed && each.interface == "eth0";
    });
  }

  Machine machine;
  std::uint64_t sequence = 0;
};

// Its own server is reached through the next holder from that moment on.
TEST_F(ServingDirector, WhoServesAVipThatItLetsGoOfHasItOnLoBefore) {
  NodePlan plan = shared_plan({"a", "b"});
  plan.backends[kServed] = {ip("192.0.2.10"), ForwardingMethod::kDirectRouting};
  start(plan);
  machine.pass(kElected);
  pass_with_peer(Duration{1'000}, Claim::kStandby, 1);
  ASSERT_TRUE(holds());
  machine.kernel.forget_history();
  machine.loop().post(StopRequested{});
  pass_with_peer(Duration{100}, Claim::kStandby, 1);
  pass_with_peer(Duration{100}, Claim::kHolder, 2);
  EXPECT_TRUE(machine.loop().is_stopping());
  const auto& done = machine.kernel.operations();
  const auto on_lo = std::find(done.begin(), done.end(),
                               Operation{AddAddress{kServed, "lo", VipScope::kLoopback, 0}});
  const auto off = std::find(done.begin(), done.end(), Operation{DeleteAddress{kServed, "eth0"}});
  EXPECT_NE(off, done.end());
  EXPECT_LT(on_lo, off);
}

// Half-open connections are known to nobody else: the kernel's own sync tells of established ones.
TEST_F(ServingDirector, WhoLetsGoOfAVipTellsItsYoungestConnectionsAfterwards) {
  start(shared_plan({"a", "b"}));
  machine.pass(kElected);
  pass_with_peer(Duration{1'000}, Claim::kStandby, 1);
  ASSERT_TRUE(holds());
  EXPECT_TRUE(machine.kernel.told().empty());
  machine.loop().post(StopRequested{});
  pass_with_peer(Duration{5'000}, Claim::kStandby, 1);  // b is slow, and nobody is cut off for it
  EXPECT_TRUE(holds());
  EXPECT_TRUE(machine.kernel.told().empty());
  pass_with_peer(Duration{100}, Claim::kHolder, 2);
  EXPECT_FALSE(holds());
  ASSERT_EQ(machine.kernel.told().size(), 1U);
  const auto& [vip, by] = machine.kernel.told().front();
  EXPECT_EQ(vip, kServed);
  EXPECT_EQ(by, machine.kernel.dump_sync()->daemons.front());
  EXPECT_EQ(by.role, SyncRole::kMaster);
}

// What b sends on is never balanced again here; b is known from its heartbeats.
TEST_F(ServingDirector, ThatAreRealServersTooDeliverWhatOthersHaveBalanced) {
  NodePlan plan = shared_plan({"b", "a"});
  plan.backends[kServed] = {ip("192.0.2.10"), ForwardingMethod::kDirectRouting};
  start(plan);
  pass_with_peer(Duration{500}, Claim::kHolder, 3);
  const LocalDelivery expected{
      {kServed}, {kOthersHardware}, {ip("192.0.2.10")}, {ip("192.0.2.11")}};
  EXPECT_EQ(machine.kernel.dump_network()->local_delivery, expected);
  machine.start_agent();  // knows nobody yet
  EXPECT_EQ(machine.kernel.dump_network()->local_delivery, expected);
  plan.backends.clear();
  machine.put(plan);
  EXPECT_EQ(machine.kernel.dump_network()->local_delivery, LocalDelivery{});
}

// Of a dead one nobody tells its connections any more: better reset soon than later.
TEST_F(ServingDirector, ResetsAreHeldBackOnceAndForLongWhereALivingHolderHandsOver) {
  start(shared_plan({"b", "a"}));
  pass_with_peer(Duration{1'000}, Claim::kHolder, 3);
  pass_with_peer(Duration{1'000}, Claim::kHolder, 3, "a");
  pass_with_peer(Duration{500}, Claim::kStandby, 3);
  machine.pass(Duration{5'000});
  ASSERT_TRUE(holds());
  EXPECT_EQ(holds_of_resets(), std::vector{Duration{4'000}});
}

TEST_F(ServingDirector, ResetsAreHeldBackForAMomentWhereTheHolderIsThoughtDead) {
  start(shared_plan({"b", "a"}));
  pass_with_peer(Duration{1'000}, Claim::kHolder, 3);
  machine.pass(Duration{5'000});
  ASSERT_TRUE(holds());
  EXPECT_EQ(holds_of_resets(), std::vector{Duration{1'000}});
}

}  // namespace
}  // namespace lvs::testing
