#include <cerrno>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/cleanup.h"
#include "core/format.h"
#include "tests/component/agent/harness.h"

namespace lvs::testing {
namespace {

const ServiceKey kForeign = tcp("192.0.2.99", 99);

TEST(Ownership, ForeignServicesSurviveEverything) {
  Machine machine;
  machine.kernel.put_foreign_service(kForeign, {"rr", 0, 0, 0});
  machine.start_agent();
  machine.put(director_plan());
  machine.pass(Duration{20'000});
  NodePlan empty;
  empty.node = "a";
  empty.term = 1;
  machine.put(empty);
  machine.pass(Duration{20'000});
  EXPECT_EQ(machine.kernel.table(), "-A -t 192.0.2.99:99 -s rr\n");
}

TEST(Ownership, APlannedServiceThatExistsIsAdoptedNotMadeAnew) {
  Machine machine;
  machine.kernel.put_foreign_service(
      kWeb, {"wrr", 0, 0, 0},
      {{{ip("192.0.2.7"), 80}, {ForwardingMethod::kDirectRouting, 3, 0, 0}, {}, {}},
       {{ip("192.0.2.8"), 80}, {ForwardingMethod::kDirectRouting, 2, 0, 0}, {}, {}}});
  machine.start_agent();
  machine.put(director_plan());
  std::string services;
  for (const Operation& operation : machine.kernel.operations()) {
    const bool of_node = std::holds_alternative<AddAddress>(operation) ||
                         std::holds_alternative<SetIpvsSetting>(operation);
    if (!of_node) services += format(operation) + "\n";
  }
  EXPECT_EQ(services, "-E -t 192.0.2.1:80 -s wrr\n");
}

TEST(Ownership, OursIsKnownAfterTheStateFileIsLost) {
  Machine machine;
  machine.start_agent();
  machine.put(director_plan());
  machine.stop_agent();
  ASSERT_TRUE(PlanStore(machine.state_folder()).remove());
  machine.start_agent();
  NodePlan other;
  other.node = "a";
  other.term = 1;
  machine.put(other);
  EXPECT_EQ(machine.kernel.table(), "");
}

NodePlan without_services(const NodePlan& plan) {
  NodePlan empty = plan;
  empty.services.clear();
  return empty;
}

// The operator saw the deletion.
NodePlan withdrawn(const NodePlan& plan) {
  NodePlan meant = without_services(plan);
  meant.withdrawn = {{"shop", "web"}};
  return meant;
}

TEST(MassDeletion, IsHeldBackAndReported) {
  Machine machine;
  machine.start_agent();
  const NodePlan plan = large_plan(20, 2);
  machine.put(plan);
  machine.pass(kElected);
  const std::string table = machine.kernel.table();
  NodePlan mistake = without_services(plan);
  mistake.vips.clear();
  machine.put(mistake);
  machine.pass(Duration{20'000});
  EXPECT_EQ(machine.kernel.table(), table);
  EXPECT_EQ(machine.problem_reasons(), std::vector<std::string>{"MassDeletionHeld"});
  // Their real servers are still sent to, so the operator must not take the VIP off them.
  EXPECT_EQ(machine.status().lingering.size(), 42U);
  const auto network = machine.kernel.dump_network().value();
  EXPECT_TRUE(std::any_of(network.addresses.begin(), network.addresses.end(),
                          [](const auto& a) { return a.address == ip("192.0.2.1"); }));
}

// No election looks after a VIP that the plan has lost, and the kernel counts its lifetime down.
TEST(MassDeletion, TheAddressThatItNeedsOutlivesTheAgent) {
  Machine machine;
  machine.has_ports = true;
  machine.start_agent();
  NodePlan plan = large_plan(20, 2);
  plan.vips.at(ip("192.0.2.1")).candidates = {"a", "b"};
  plan.directors = {{"a", {{ip("192.0.2.10")}}}, {"b", {{ip("192.0.2.11")}}}};
  machine.put(plan);
  machine.pass(kElected);
  NodePlan mistake = without_services(plan);
  mistake.vips.clear();
  machine.put(mistake);
  machine.stop_agent();
  machine.start_agent();
  machine.kernel.forget_history();
  machine.pass(Duration{20'000});
  EXPECT_EQ(machine.problem_reasons(), std::vector<std::string>{"MassDeletionHeld"});
  EXPECT_GE(machine.kernel.operations().size(), 4U);
  EXPECT_THAT(machine.kernel.operations(),
              ::testing::Each(::testing::VariantWith<AddAddress>(
                  AddAddress{ip("192.0.2.1"), "eth0", VipScope::kUplink, 10})));
}

TEST(MassDeletion, AdditionsAndChangesAreCarriedOutMeanwhile) {
  Machine machine;
  machine.start_agent();
  const NodePlan plan = large_plan(20, 2);
  machine.put(plan);
  NodePlan mistake = without_services(plan);
  add_service(mistake, tcp("192.0.2.1", 4444), "rr", {{"192.0.2.7", 1}}, "another");
  machine.put(mistake);
  EXPECT_NE(machine.kernel.table().find("192.0.2.1:4444"), std::string::npos);
  EXPECT_NE(machine.kernel.table().find("192.0.2.1:1000"), std::string::npos);
}

TEST(MassDeletion, IsCarriedOutWhenTheOperatorSawTheDeletion) {
  Machine machine;
  machine.start_agent();
  const NodePlan plan = large_plan(20, 2);
  machine.put(plan);
  const NodePlan meant = withdrawn(plan);
  machine.put(meant);
  EXPECT_EQ(machine.kernel.table(), "");
}

TEST(MassDeletion, IsCarriedOutWhenItIsConfirmedLater) {
  Machine machine;
  machine.start_agent();
  const NodePlan plan = large_plan(20, 2);
  machine.put(plan);
  NodePlan empty = without_services(plan);
  machine.put(empty);
  EXPECT_NE(machine.kernel.table(), "");
  empty.accept_mass_deletion = true;
  machine.put(empty);
  EXPECT_EQ(machine.kernel.table(), "");
  EXPECT_TRUE(machine.status().problems.empty());
}

TEST(MassDeletion, StaysHeldOverARestart) {
  Machine machine;
  machine.start_agent();
  const NodePlan plan = large_plan(20, 2);
  machine.put(plan);
  machine.put(without_services(plan));
  const std::string table = machine.kernel.table();
  machine.start_agent();
  machine.pass(Duration{10'000});
  EXPECT_EQ(machine.kernel.table(), table);
  EXPECT_EQ(machine.status().lingering.size(), 42U);
}

// With more services of ours, those that are missing are less than half of all.
TEST(MassDeletion, StaysHeldOverARestartWhateverElseHasCome) {
  Machine machine;
  machine.start_agent();
  const auto add = [](NodePlan& plan, std::uint16_t first, int count, const std::string& name) {
    for (int i = 0; i < count; ++i) {
      const auto port = static_cast<std::uint16_t>(first + i);
      add_service(plan, tcp("192.0.2.1", port), "rr", {{"192.0.2.7", 1}}, name);
    }
  };
  NodePlan plan = director_plan();
  add(plan, 2000, 8, "web");
  NodePlan whole = plan;
  add(whole, 1000, 11, "lost");
  machine.put(whole);
  machine.put(plan);
  add(plan, 4000, 5, "another");
  machine.put(plan);
  machine.start_agent();
  machine.pass(Duration{10'000});
  EXPECT_NE(machine.kernel.table().find("192.0.2.1:1000"), std::string::npos);
  EXPECT_EQ(machine.problem_reasons(), std::vector<std::string>{"MassDeletionHeld"});
}

// The agent dies before it has carried out what is meant; its successor must know who asked for it.
TEST(MassDeletion, OneThatIsMeantIsFinishedAfterARestart) {
  Machine machine;
  machine.start_agent();
  const NodePlan plan = large_plan(20, 2);
  machine.put(plan);
  const NodePlan meant = withdrawn(plan);
  for (std::size_t n = 0; n < 21; ++n) machine.kernel.fail_operation(n, ENOMEM);
  machine.put(meant, false);
  machine.turn();
  ASSERT_NE(machine.kernel.table(), "");
  machine.start_agent();
  machine.pass(Duration{60'000});
  EXPECT_EQ(machine.kernel.table(), "");
}

TEST(MassDeletion, APatchIsJudgedLikeAPlan) {
  Machine machine;
  machine.start_agent();
  const NodePlan plan = large_plan(20, 2);
  machine.put(plan);
  const std::string table = machine.kernel.table();
  machine.patch(patch_between(plan, without_services(plan)));
  EXPECT_EQ(machine.kernel.table(), table);
}

TEST(CleanUp, RemovesWhatIsOursAndLeavesTheRest) {
  Machine machine;
  machine.kernel.put_foreign_service(kForeign, {"rr", 0, 0, 0});
  machine.kernel.add_link("eth1");
  machine.kernel.put_foreign_address(ip("198.51.100.7"), 24, "eth1");
  machine.kernel.set_arp("eth1", 0, 1);
  const ObservedNetwork before = machine.kernel.dump_network().value();
  machine.start_agent();
  NodePlan plan = director_plan();
  plan.backends[ip("198.51.100.1")] = {ip("198.51.100.7"), ForwardingMethod::kDirectRouting};
  machine.put(plan);
  machine.stop_agent();
  EXPECT_NE(machine.kernel.dump_network().value().addresses, before.addresses);

  MetricsRegistry registry;
  AgentMetrics metrics(registry);
  ASSERT_TRUE(clean_up(machine.kernel, machine.state_folder(), machine.run_folder(), metrics));
  EXPECT_EQ(machine.kernel.table(), "-A -t 192.0.2.99:99 -s rr\n");
  const ObservedNetwork after = machine.kernel.dump_network().value();
  EXPECT_EQ(after.addresses, before.addresses);
  EXPECT_EQ(after.arp, before.arp);
  EXPECT_TRUE(clean_up(machine.kernel, machine.state_folder(), machine.run_folder(), metrics));
}

}  // namespace
}  // namespace lvs::testing
