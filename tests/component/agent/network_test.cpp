#include <cerrno>

#include <gtest/gtest.h>

#include "core/format.h"
#include "tests/component/agent/harness.h"

namespace lvs::testing {
namespace {

const IpAddress kVip = ip("192.0.2.1");

bool has(const FakeKernel& kernel, const IpAddress& address, const std::string& interface) {
  const auto network = const_cast<FakeKernel&>(kernel).dump_network().value();
  return std::any_of(network.addresses.begin(), network.addresses.end(), [&](const auto& a) {
    return a.address == address && a.interface == interface;
  });
}

std::string history(const FakeKernel& kernel) { return format(kernel.operations()); }

NodePlan backend_plan() {
  NodePlan plan;
  plan.node = "a";
  plan.term = 1;
  plan.backends[kVip] = {ip("192.0.2.10"), ForwardingMethod::kDirectRouting};
  return plan;
}

NodePlan empty_plan() {
  NodePlan plan;
  plan.node = "a";
  plan.term = 1;
  return plan;
}

ObservedArp arp_of(FakeKernel& kernel, const std::string& interface) {
  const ObservedNetwork network = kernel.dump_network().value();
  for (const ObservedArp& arp : network.arp) {
    if (arp.interface == interface) return arp;
  }
  return {};
}

TEST(DirectorVip, ComesWhenItsServicesStand) {
  Machine machine;
  machine.start_agent();
  machine.put(director_plan());
  machine.pass(kElected);
  const std::string log = history(machine.kernel);
  EXPECT_GT(log.find("ip addr add 192.0.2.1/32 dev eth0"), log.find("-E -t 192.0.2.1:80 -s wrr"));
  const NodeStatus status = machine.status();
  ASSERT_EQ(status.vips.size(), 1U);
  EXPECT_TRUE(status.vips[0].holder);
  EXPECT_TRUE(status.vips[0].present);
  EXPECT_EQ(status.vips[0].interface, "eth0");
}

TEST(DirectorVip, WaitsWhileNoServiceOfItStands) {
  Machine machine;
  machine.kernel.forget_scheduler("wrr");
  machine.start_agent();
  NodePlan plan = empty_plan();
  plan.vips[kVip] = {"", {"a"}};
  add_service(plan, kWeb, "wrr", {{"192.0.2.7", 1}});
  machine.put(plan);
  EXPECT_FALSE(has(machine.kernel, kVip, "eth0"));
  EXPECT_EQ(machine.status().vips[0].reason, "ServicesNotProgrammed");
}

TEST(DirectorVip, GoesBeforeItsServices) {
  Machine machine;
  machine.start_agent();
  machine.put(director_plan());
  machine.pass(kElected);
  machine.kernel.forget_history();
  machine.patch(patch_between(director_plan(), empty_plan()));
  machine.pass(kElected);
  EXPECT_EQ(history(machine.kernel),
            "sysctl -w net.ipv4.vs.expire_nodest_conn=\"0\"\n"
            "ip addr del 192.0.2.1/32 dev eth0\n-D -t 192.0.2.1:80\n");
}

TEST(DirectorVip, IsAnnouncedInABurst) {
  Machine machine;
  machine.start_agent();
  machine.put(director_plan());
  machine.pass(kElected);
  EXPECT_GE(machine.announcer.sent.size(), 2U);
  machine.pass(Duration{1000});
  EXPECT_EQ(machine.announcer.sent, std::vector<std::string>(5, "192.0.2.1 eth0"));
  EXPECT_LE(machine.loop().until_next_deadline(), Duration{10'000});
}

TEST(DirectorVip, IsAnnouncedAgainWhenTheLinkComesBack) {
  Machine machine;
  machine.start_agent();
  machine.put(director_plan());
  machine.pass(kElected + Duration{1000});
  machine.announcer.sent.clear();
  machine.kernel.set_link_state("eth0", true, false);
  machine.loop().post(NetworkChanged{});
  machine.settle();
  EXPECT_EQ(machine.status().vips[0].reason, "LinkDown");
  machine.kernel.set_link_state("eth0", true, true);
  machine.loop().post(NetworkChanged{});
  machine.pass(Duration{1000});
  EXPECT_EQ(machine.announcer.sent.size(), 5U);
}

TEST(DirectorVip, ThatSomebodyRemovedComesBackAtOnce) {
  Machine machine;
  machine.start_agent();
  machine.put(director_plan());
  machine.pass(kElected);
  machine.kernel.remove_address(kVip, "eth0");
  machine.loop().post(NetworkChanged{});
  machine.pass(kElected);
  EXPECT_TRUE(has(machine.kernel, kVip, "eth0"));
}

TEST(DirectorVip, OfSomebodyElseIsUsedAndLeft) {
  Machine machine;
  machine.kernel.put_foreign_address(kVip, 24, "eth0");
  machine.start_agent();
  machine.put(director_plan());
  machine.pass(kElected);
  EXPECT_EQ(machine.problem_reasons(), std::vector<std::string>{"ForeignAddress"});
  EXPECT_TRUE(machine.status().vips[0].present);
  machine.put(empty_plan());
  machine.pass(kElected);
  EXPECT_TRUE(has(machine.kernel, kVip, "eth0"));
}

TEST(DirectorVip, OfAStandbyIsNotThere) {
  Machine machine;
  machine.start_agent();
  NodePlan plan = director_plan();
  plan.vips[kVip].candidates = {"b", "a"};
  machine.put(plan);
  EXPECT_FALSE(has(machine.kernel, kVip, "eth0"));
  EXPECT_FALSE(machine.status().vips[0].holder);
  EXPECT_NE(machine.kernel.table(), "");
}

TEST(Backend, SysctlsBeforeTheAddressAndVerified) {
  Machine machine;
  machine.start_agent();
  machine.put(backend_plan());
  EXPECT_EQ(history(machine.kernel),
            "sysctl -w net.ipv4.conf.eth0.arp_ignore=1 net.ipv4.conf.eth0.arp_announce=2\n"
            "ip addr add 192.0.2.1/32 dev lo scope host noprefixroute\n");
  ASSERT_EQ(machine.status().backends.size(), 1U);
  EXPECT_TRUE(machine.status().backends[0].prepared);
}

TEST(Backend, LeavesTheMachineAsItWas) {
  Machine machine;
  machine.kernel.set_arp("eth0", 2, 1);
  machine.start_agent();
  machine.put(backend_plan());
  machine.start_agent();  // a restart in between loses nothing
  machine.kernel.forget_history();
  machine.put(empty_plan());
  EXPECT_EQ(history(machine.kernel),
            "ip addr del 192.0.2.1/32 dev lo\n"
            "sysctl -w net.ipv4.conf.eth0.arp_ignore=2 net.ipv4.conf.eth0.arp_announce=1\n");
  EXPECT_TRUE(machine.status().backends.empty());
}

TEST(Backend, NoAddressWhileTheSysctlIsRefused) {
  Machine machine;
  machine.start_agent();
  machine.kernel.fail_operation(0, EROFS);
  machine.put(backend_plan());
  EXPECT_FALSE(has(machine.kernel, kVip, "lo"));
  EXPECT_FALSE(machine.status().backends[0].prepared);
  EXPECT_EQ(machine.problem_reasons(), std::vector<std::string>{"KernelRefused"});
  machine.pass(Duration{1000});
  EXPECT_TRUE(has(machine.kernel, kVip, "lo"));
  EXPECT_TRUE(machine.status().backends[0].prepared);
  EXPECT_TRUE(machine.status().problems.empty());
}

TEST(Backend, NoAddressWhileConfAllOverridesTheSysctl) {
  Machine machine;
  machine.kernel.set_all_arp(5, 0);
  machine.start_agent();
  machine.put(backend_plan());
  machine.pass(Duration{30'000});
  EXPECT_FALSE(has(machine.kernel, kVip, "lo"));
  EXPECT_EQ(machine.status().backends[0].reason, "WrongArpSetting");
}

TEST(Backend, ASysctlThatSomebodyResetsIsSetAgain) {
  Machine machine;
  machine.start_agent();
  machine.put(backend_plan());
  machine.kernel.set_arp("eth0", 0, 0);
  machine.pass(Duration{10'000});
  EXPECT_EQ(arp_of(machine.kernel, "eth0").ignore, 1);
  EXPECT_EQ(arp_of(machine.kernel, "eth0").announce, 2);
}

TEST(Backend, AValueThatSomebodyElseSetSinceSurvivesRemoval) {
  Machine machine;
  machine.start_agent();
  machine.put(backend_plan());
  machine.kernel.set_arp("eth0", 8, 2);
  machine.put(empty_plan());
  EXPECT_EQ(arp_of(machine.kernel, "eth0").ignore, 8);
  EXPECT_EQ(arp_of(machine.kernel, "eth0").announce, 0);
}

TEST(Backend, ThatIsAlsoTheHolderNeedsNothingMore) {
  Machine machine;
  machine.start_agent();
  NodePlan plan = director_plan();
  plan.backends = backend_plan().backends;
  machine.put(plan);
  machine.pass(kElected);
  EXPECT_TRUE(has(machine.kernel, kVip, "eth0"));
  EXPECT_FALSE(has(machine.kernel, kVip, "lo"));
  EXPECT_TRUE(machine.status().backends[0].prepared);
}

TEST(Backend, WithoutTheServersAddressSaysSo) {
  Machine machine;
  machine.start_agent();
  NodePlan plan = empty_plan();
  plan.backends[kVip] = {ip("203.0.113.1"), ForwardingMethod::kDirectRouting};
  machine.put(plan);
  EXPECT_EQ(machine.status().backends[0].reason, "NoInterfaceForAddress");
  EXPECT_TRUE(machine.kernel.operations().empty());
}

TEST(Backend, ASettingThatCannotBeWrittenHoldsUpNothingElse) {
  Machine machine;
  machine.start_agent();
  NodePlan plan = backend_plan();
  plan.backends[ip("2001:db8::1")] = {ip("2001:db8::10"), ForwardingMethod::kDirectRouting};
  machine.kernel.fail_operation(0, EROFS);
  machine.put(plan);
  EXPECT_FALSE(has(machine.kernel, kVip, "lo"));
  EXPECT_TRUE(has(machine.kernel, ip("2001:db8::1"), "lo"));
  EXPECT_EQ(machine.problem_reasons(), std::vector<std::string>{"KernelRefused"});
}

}  // namespace
}  // namespace lvs::testing
