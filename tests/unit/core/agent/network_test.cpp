#include <gtest/gtest.h>

#include "core/diff.h"
#include "core/format.h"
#include "core/realise.h"
#include "tests/unit/core/agent/builders.h"

namespace lvs {
namespace {

using test::ip;

// lo, eth0 with 198.51.100.7/24 and 2001:db8:1::7/64, eth1 with 192.0.2.7/24.
ObservedNetwork machine() {
  ObservedNetwork network;
  network.links = {{"lo", 1, true, true, true, false, {}},
                   {"eth0", 2, true, true, false, false, {}},
                   {"eth1", 3, true, true, false, false, {}}};
  network.addresses = {{ip("127.0.0.1"), 8, "lo", false, 0, false},
                       {ip("198.51.100.7"), 24, "eth0", false, 0, false},
                       {ip("2001:db8:1::7"), 64, "eth0", false, 0, false},
                       {ip("192.0.2.7"), 24, "eth1", false, 0, false}};
  network.arp = {{"eth0", 0, 0, 0, 0}, {"eth1", 0, 0, 0, 0}};
  return network;
}

ObservedNetwork with_address(ObservedNetwork network, const std::string& address,
                             const std::string& interface, bool owned) {
  network.addresses.push_back({ip(address), 32, interface, owned, 0, false});
  return network;
}

ObservedNetwork with_arp(ObservedNetwork network, const ObservedArp& arp) {
  for (ObservedArp& present : network.arp) {
    if (present.interface == arp.interface) present = arp;
  }
  return network;
}

NodePlan director(const std::string& vip, const std::string& interface = "") {
  NodePlan plan;
  plan.node = "a";
  plan.vips[ip(vip)] = {interface, {"a", "b"}};
  return plan;
}

NodePlan backend(const std::string& vip, const std::string& server,
                 ForwardingMethod method = ForwardingMethod::kDirectRouting) {
  NodePlan plan;
  plan.node = "a";
  plan.backends[ip(vip)] = {ip(server), method};
  return plan;
}

std::string operations(const NodePlan& plan, const ObservedNetwork& observed,
                       const SavedArpValues& saved = {}) {
  const RealisedNetwork wanted = realise_network(plan, roles_by_order(plan), observed);
  return format(diff_network(wanted.desired, observed, saved).operations);
}

std::vector<std::string> reasons(const NodePlan& plan, const ObservedNetwork& observed) {
  std::vector<std::string> found;
  for (const auto& problem : realise_network(plan, roles_by_order(plan), observed).problems) {
    found.push_back(problem.reason);
  }
  return found;
}

TEST(InterfaceFor, TheLongestPrefixThatIsNotOursAndNotLoopback) {
  ObservedNetwork network = machine();
  network.addresses.push_back({ip("192.0.2.200"), 25, "eth0", false, 0, false});
  network.addresses.push_back({ip("192.0.2.1"), 32, "eth0", true, 0, false});
  network.addresses.push_back({ip("192.0.2.1"), 32, "lo", false, 0, false});
  EXPECT_EQ(interface_for(ip("192.0.2.1"), network), "eth1");
  EXPECT_EQ(interface_for(ip("192.0.2.130"), network), "eth0");
  EXPECT_EQ(interface_for(ip("2001:db8:1::1"), network), "eth0");
  EXPECT_EQ(interface_for(ip("203.0.113.1"), network), "");
}

TEST(RolesByOrder, TheFirstCandidateHolds) {
  NodePlan plan = director("192.0.2.1");
  EXPECT_EQ(roles_by_order(plan).at(ip("192.0.2.1")).role, Role::kHolder);
  plan.vips[ip("192.0.2.1")].candidates = {"b", "a"};
  EXPECT_EQ(roles_by_order(plan).at(ip("192.0.2.1")).role, Role::kStandby);
  plan.vips[ip("192.0.2.1")].candidates = {};
  EXPECT_EQ(roles_by_order(plan).at(ip("192.0.2.1")).role, Role::kStandby);
}

TEST(DirectorNetwork, TheHolderPutsTheVipOnTheInterfaceOfItsNetwork) {
  EXPECT_EQ(operations(director("192.0.2.1"), machine()),
            "ip addr add 192.0.2.1/32 dev eth1 noprefixroute\n");
  EXPECT_EQ(operations(director("192.0.2.1", "eth0"), machine()),
            "ip addr add 192.0.2.1/32 dev eth0 noprefixroute\n");
  EXPECT_EQ(operations(director("2001:db8:1::1"), machine()),
            "ip addr add 2001:db8:1::1/128 dev eth0 nodad noprefixroute\n");
}

TEST(DirectorNetwork, NothingToDoWhenItIsThere) {
  EXPECT_EQ(operations(director("192.0.2.1"), with_address(machine(), "192.0.2.1", "eth1", true)),
            "");
}

TEST(DirectorNetwork, AStandbyTakesOursOff) {
  NodePlan plan = director("192.0.2.1");
  plan.vips[ip("192.0.2.1")].candidates = {"b", "a"};
  EXPECT_EQ(operations(plan, with_address(machine(), "192.0.2.1", "eth1", true)),
            "ip addr del 192.0.2.1/32 dev eth1\n");
}

TEST(DirectorNetwork, AForeignAddressIsUsedReportedAndLeft) {
  const ObservedNetwork network = with_address(machine(), "192.0.2.1", "eth1", false);
  EXPECT_EQ(operations(director("192.0.2.1"), network), "");
  EXPECT_EQ(reasons(director("192.0.2.1"), network), std::vector<std::string>{"ForeignAddress"});
  EXPECT_EQ(operations(NodePlan{}, network), "");
}

TEST(DirectorNetwork, SaysWhatCannotBeDone) {
  EXPECT_EQ(reasons(director("203.0.113.1"), machine()),
            std::vector<std::string>{"DirectorHasNoPathToVIPNetwork"});
  EXPECT_EQ(reasons(director("192.0.2.1", "eth9"), machine()),
            std::vector<std::string>{"InterfaceMissing"});
  EXPECT_EQ(operations(director("192.0.2.1", "eth9"), machine()), "");
}

TEST(BackendNetwork, SysctlsBeforeTheAddress) {
  EXPECT_EQ(operations(backend("192.0.2.1", "192.0.2.7"), machine()),
            "sysctl -w net.ipv4.conf.eth1.arp_ignore=1 net.ipv4.conf.eth1.arp_announce=2\n"
            "ip addr add 192.0.2.1/32 dev lo scope host noprefixroute\n");
}

TEST(BackendNetwork, Ipv6NeedsNoSysctl) {
  EXPECT_EQ(operations(backend("2001:db8:1::1", "2001:db8:1::7"), machine()),
            "ip addr add 2001:db8:1::1/128 dev lo scope host nodad noprefixroute\n");
}

TEST(BackendNetwork, AMasqueradedServerNeedsNothing) {
  EXPECT_EQ(operations(backend("192.0.2.1", "192.0.2.7", ForwardingMethod::kMasquerade), machine()),
            "");
}

TEST(BackendNetwork, NoAddressWhileTheIngressInterfaceIsUnknown) {
  EXPECT_EQ(operations(backend("192.0.2.1", "192.0.2.99"), machine()), "");
  EXPECT_EQ(reasons(backend("192.0.2.1", "192.0.2.99"), machine()),
            std::vector<std::string>{"NoInterfaceForAddress"});
}

TEST(BackendNetwork, TheHolderOfTheVipHasItOnTheUplinkOnly) {
  NodePlan plan = director("192.0.2.1");
  plan.backends[ip("192.0.2.1")] = {ip("192.0.2.7"), ForwardingMethod::kDirectRouting};
  plan.vips[ip("192.0.2.1")].candidates = {"a"};
  EXPECT_EQ(operations(plan, machine()), "ip addr add 192.0.2.1/32 dev eth1 noprefixroute\n");
  plan.vips[ip("192.0.2.1")].candidates = {"b", "a"};
  EXPECT_EQ(operations(plan, with_address(machine(), "192.0.2.1", "eth1", true)),
            "nft table inet lvs-agent-local: ether saddr {  } daddr { 192.0.2.1 } meta mark set "
            "1275068417\n"
            "sysctl -w net.ipv4.conf.eth1.arp_ignore=1 net.ipv4.conf.eth1.arp_announce=2\n"
            "ip addr del 192.0.2.1/32 dev eth1\n"
            "ip addr add 192.0.2.1/32 dev lo scope host noprefixroute\n");
}

TEST(BackendNetwork, RemovalTakesTheAddressFirstAndPutsTheOldValuesBack) {
  const ObservedNetwork network =
      with_arp(with_address(machine(), "192.0.2.1", "lo", true), {"eth1", 1, 2, 0, 0});
  EXPECT_EQ(operations(NodePlan{}, network, {{"eth1", {0, 1}}}),
            "ip addr del 192.0.2.1/32 dev lo\n"
            "sysctl -w net.ipv4.conf.eth1.arp_ignore=0 net.ipv4.conf.eth1.arp_announce=1\n");
}

struct ArpCase {
  std::string name;
  ObservedArp present;
  std::string operations;
  SavedArpValues saved;
};

TEST(ArpSettings, OnlyWhatIsMissingIsSet) {
  const std::vector<ArpCase> cases{
      {"default",
       {"eth1", 0, 0, 0, 0},
       "eth1.arp_ignore=1 eth1.arp_announce=2",
       {{"eth1", {0, 0}}}},
      {"silent by itself", {"eth1", 1, 2, 0, 0}, "", {}},
      {"silent by all", {"eth1", 0, 0, 1, 2}, "", {}},
      {"stricter ignore stays",
       {"eth1", 8, 0, 0, 0},
       "eth1.arp_ignore=8 eth1.arp_announce=2",
       {{"eth1", {8, 0}}}},
      {"half from all",
       {"eth1", 0, 1, 2, 0},
       "eth1.arp_ignore=0 eth1.arp_announce=2",
       {{"eth1", {0, 1}}}},
      {"a value without meaning",
       {"eth1", 5, 3, 0, 0},
       "eth1.arp_ignore=1 eth1.arp_announce=2",
       {{"eth1", {5, 3}}}},
      {"overridden by all: not ours to repair", {"eth1", 1, 2, 7, 0}, "", {}},
  };
  for (const ArpCase& c : cases) {
    SCOPED_TRACE(c.name);
    const NetworkChange change =
        diff_network({{}, {"eth1"}, {}}, with_arp(machine(), c.present), SavedArpValues{});
    std::string wanted = c.operations;
    for (std::size_t at = 0; (at = wanted.find("eth1.", at)) != std::string::npos; at += 20) {
      wanted.insert(at, "net.ipv4.conf.");
    }
    EXPECT_EQ(format(change.operations), wanted.empty() ? "" : "sysctl -w " + wanted + "\n");
    EXPECT_EQ(change.saved, c.saved);
  }
}

TEST(ArpSettings, TheFirstSavedValuesWin) {
  const NetworkChange change =
      diff_network({{}, {"eth1"}, {}}, machine(), SavedArpValues{{"eth1", {2, 1}}});
  EXPECT_EQ(change.saved, (SavedArpValues{{"eth1", {2, 1}}}));
}

TEST(ArpSettings, AValueThatSomebodyElseSetSinceIsLeft) {
  const ObservedNetwork network = with_arp(machine(), {"eth1", 8, 1, 0, 0});
  const NetworkChange change = diff_network({}, network, SavedArpValues{{"eth1", {0, 0}}});
  EXPECT_EQ(format(change.operations), "");
  EXPECT_TRUE(change.saved.empty());
}

TEST(ArpSettings, AreRememberedUntilTheOldValuesWereReadBack) {
  const SavedArpValues saved{{"eth1", {0, 0}}};
  const NetworkChange first = diff_network({}, with_arp(machine(), {"eth1", 1, 2, 0, 0}), saved);
  EXPECT_EQ(first.saved, saved);
  const NetworkChange second = diff_network({}, machine(), first.saved);
  EXPECT_TRUE(second.operations.empty());
  EXPECT_TRUE(second.saved.empty());
}

TEST(ArpSettings, AnInterfaceThatIsGoneIsForgotten) {
  EXPECT_TRUE(diff_network({}, machine(), SavedArpValues{{"eth9", {0, 0}}}).saved.empty());
}

TEST(RealiseService, AdmissionDecidesTheWeight) {
  PlannedService planned;
  planned.header.config = test::scheduled("rr");
  planned.header.drain_timeout = Duration{5000};
  planned.destinations = {{test::dest("192.0.2.7"), test::weight(3), Admission::kAdmit},
                          {test::dest("192.0.2.8"), test::weight(3), Admission::kHold},
                          {test::dest("192.0.2.9"), test::weight(3), Admission::kKeep}};
  const DesiredService wanted = realise_service(test::tcp("192.0.2.1", 80), planned);
  EXPECT_EQ(wanted.drain_timeout, Duration{5000});
  ASSERT_EQ(wanted.destinations.size(), 3U);
  EXPECT_EQ(wanted.destinations[0].config.weight, 3U);
  EXPECT_EQ(wanted.destinations[1].config.weight, 0U);
  EXPECT_EQ(wanted.destinations[1].want, Want::kConfigured);
  EXPECT_EQ(wanted.destinations[2].want, Want::kKeepWeight);
}

}  // namespace
}  // namespace lvs
