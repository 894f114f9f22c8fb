#include <gtest/gtest.h>

#include "core/diff.h"
#include "core/format.h"
#include "core/realise.h"
#include "tests/unit/core/agent/builders.h"

namespace lvs {
namespace {

using test::ip;

const OtherDirectors kOneOther{{{2, 0, 0, 0, 0, 11}}, true};

ObservedNetwork of_eth0() {
  ObservedNetwork network;
  network.links = {{"lo", 1, true, true, true, false, {}},
                   {"eth0", 2, true, true, false, false, {}}};
  network.addresses = {{ip("192.0.2.10"), 24, "eth0", false, 0, false}};
  network.arp = {{"eth0", 1, 2, 0, 0}};
  return network;
}

NodePlan director_and_server(ForwardingMethod method = ForwardingMethod::kDirectRouting) {
  NodePlan plan;
  plan.node = "a";
  plan.vips[ip("192.0.2.1")] = {"", {"a", "b"}};
  plan.backends[ip("192.0.2.1")] = {ip("192.0.2.10"), method};
  return plan;
}

TEST(LocalDeliveryOf, ADirectorThatIsARealServerToo) {
  const LocalDelivery expected{{ip("192.0.2.1")}, kOneOther.hardware, {ip("192.0.2.10")}};
  EXPECT_EQ(realise_local_delivery(director_and_server(), of_eth0(), kOneOther), expected);
}

TEST(LocalDeliveryOf, KnowsTheOthersSoThatWhatTheyTellOfHasAServer) {
  NodePlan plan = director_and_server();
  plan.directors["a"] = {{ip("192.0.2.10"), ip("2001:db8::10")}};
  plan.directors["b"] = {{ip("192.0.2.11"), ip("2001:db8::11")}};
  const LocalDelivery delivery = realise_local_delivery(plan, of_eth0(), kOneOther);
  EXPECT_EQ(delivery.servers, std::vector{ip("192.0.2.10")});
  EXPECT_EQ(delivery.others, std::vector{ip("192.0.2.11")});
}

TEST(LocalDeliveryOf, NobodyElse) {
  NodePlan only_server = director_and_server();
  only_server.vips.clear();
  NodePlan only_director = director_and_server();
  only_director.backends.clear();
  NodePlan alone = director_and_server();
  alone.vips[ip("192.0.2.1")].candidates = {"a"};
  for (const NodePlan& plan :
       {only_server, only_director, alone, director_and_server(ForwardingMethod::kMasquerade)}) {
    EXPECT_EQ(realise_local_delivery(plan, of_eth0(), kOneOther), LocalDelivery{});
  }
}

// Whoever holds the VIP: in a move both believe so for a moment.
TEST(LocalDeliveryOf, TheHolderAsOfTheStandby) {
  const Roles holder{{ip("192.0.2.1"), {Role::kHolder, 1, TimePoint::max()}}};
  const auto as_holder = realise_network(director_and_server(), holder, of_eth0(), kOneOther);
  const auto as_standby = realise_network(director_and_server(), {}, of_eth0(), kOneOther);
  EXPECT_EQ(as_holder.desired.local_delivery, as_standby.desired.local_delivery);
}

// So that it can go to lo in the instant in which it leaves the uplink.
TEST(LocalDeliveryOf, AHolderThatServesIsSilentOnItsUplinkAlready) {
  const Roles holder{{ip("192.0.2.1"), {Role::kHolder, 1, TimePoint::max()}}};
  const auto wanted = realise_network(director_and_server(), holder, of_eth0(), kOneOther);
  EXPECT_EQ(wanted.desired.silent_arp, std::vector<std::string>{"eth0"});
  ASSERT_EQ(wanted.desired.vips.size(), 1U);
  EXPECT_EQ(wanted.desired.vips[0].interface, "eth0");
}

TEST(LocalDeliveryOf, AfterAStartKeepsTheDirectorsThatTheKernelKnows) {
  ObservedNetwork observed = of_eth0();
  observed.local_delivery.directors = {{2, 0, 0, 0, 0, 12}};
  const auto delivery =
      realise_local_delivery(director_and_server(), observed, {{{2, 0, 0, 0, 0, 11}}, false});
  EXPECT_EQ(delivery.directors.size(), 2U);
  EXPECT_EQ(realise_local_delivery(director_and_server(), observed, kOneOther).directors,
            kOneOther.hardware);
}

TEST(LocalDeliveryOf, IsTheFirstToComeAndIsPrinted) {
  NodePlan plan = director_and_server();
  ObservedNetwork observed = of_eth0();
  const auto wanted = realise_network(plan, {}, observed, kOneOther).desired;
  EXPECT_EQ(format(diff_network(wanted, observed, {}).operations),
            "nft table inet lvs-agent-local: ether saddr { 02:00:00:00:00:0b } daddr { 192.0.2.1 } "
            "meta mark set 1275068417\n"
            "ip addr add 192.0.2.1/32 dev lo scope host noprefixroute\n");
  observed.local_delivery = wanted.local_delivery;
  EXPECT_EQ(format(diff_network({}, observed, {}).operations),
            "nft delete table inet lvs-agent-local\n");
}

}  // namespace
}  // namespace lvs
