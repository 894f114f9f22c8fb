// Make before break: a node keeps the VIP until no director can send it packets for it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/planner.h"
#include "support/cluster.h"

namespace lvs {
namespace {

using testing::Cluster;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::ip;
using ::testing::IsEmpty;
using testing::node;
using testing::real_server;
using ::testing::SizeIs;
using testing::virtual_service;

const IpAddress kVip = ip("192.0.2.100");
const ServiceKey kWeb{kVip, Protocol::kTcp, 80, 0};
const std::vector<std::string> kNodes{"director-1", "director-2", "server-1", "server-2"};

class BackendTest : public ::testing::Test {
 protected:
  BackendTest() {
    cluster.put(node("director-1", "192.0.2.10", true));
    cluster.put(node("director-2", "192.0.2.11", true));
    cluster.put(node("server-1", "192.0.2.21"));
    cluster.put(node("server-2", "192.0.2.22"));
    cluster.put(virtual_service("web", "192.0.2.100"));
    cluster.put(real_server("rs-1", "web", "server-1"));
    cluster.put(real_server("rs-2", "web", "server-2"));
    update();
    // Twice: the servers' reports change the directors' plans.
    report(kNodes);
    report(kNodes);
  }

  PlanningDelta update() { return cluster.plan_with(planner); }
  void report(const std::vector<std::string>& names) {
    for (const auto& name : names) cluster.report_done(planner, name);
    update();
  }
  bool has_backend(const std::string& name) {
    return planner.plans().at(name).plan().backends.contains(kVip);
  }
  Diagnostics of_node(const std::string& name) {
    return planner.diagnostics_of(Kind::kNode, {"", name});
  }

  Cluster cluster;
  Planner planner{PlannerOptions{1, false}};
};

TEST_F(BackendTest, StaysUntilEveryDirectorFollowsThePlanWithoutIt) {
  cluster.remove_server("rs-1");
  update();
  EXPECT_TRUE(has_backend("server-1"));
  report({"director-1"});
  EXPECT_TRUE(has_backend("server-1"));
  report({"director-2"});
  EXPECT_FALSE(has_backend("server-1"));
  EXPECT_TRUE(has_backend("server-2"));
}

TEST_F(BackendTest, StaysWhileADirectorDrainsTheServer) {
  cluster.remove_server("rs-1");
  update();
  report({"director-2"});
  NodeStatus draining;
  draining.node = "director-1";
  draining.has_plan = true;
  draining.applied_plan = planner.plans().at("director-1").hash();
  draining.lingering = {{kWeb, {ip("192.0.2.21"), 80}, {1, 0, 0}}};
  cluster.put(draining);
  update();
  EXPECT_TRUE(has_backend("server-1"));
  draining.lingering[0].key.address = ip("192.0.2.22");
  cluster.put(draining);
  update();
  EXPECT_FALSE(has_backend("server-1"));
}

TEST_F(BackendTest, ADirectorThatIsDoneOnceIsDoneForGood) {
  cluster.remove_server("rs-1");
  update();
  report({"director-1"});
  // Its plan changes again, and it has not applied the change yet.
  cluster.put(real_server("rs-2", "web", "server-2", 5));
  update();
  report({"director-2"});
  EXPECT_FALSE(has_backend("server-1"));
}

TEST_F(BackendTest, ComesBackWhenItIsWantedAgain) {
  cluster.remove_server("rs-1");
  update();
  report({"director-1"});
  cluster.put(real_server("rs-1", "web", "server-1"));
  update();
  EXPECT_TRUE(has_backend("server-1"));
  report({"director-1", "director-2"});
  cluster.remove_server("rs-1");
  update();
  // What a director did before the server came back counts no more.
  report({"director-2"});
  EXPECT_TRUE(has_backend("server-1"));
}

TEST_F(BackendTest, AnUnreachableDirectorHoldsItAndTheNodeSaysSo) {
  cluster.set_reachable("director-2", false);
  cluster.remove_server("rs-1");
  update();
  report({"director-1"});
  EXPECT_TRUE(has_backend("server-1"));
  ASSERT_THAT(of_node("server-1"), SizeIs(1));
  EXPECT_EQ(of_node("server-1")[0].reason, "BackendHeld");
  EXPECT_THAT(of_node("server-1")[0].message, HasSubstr("director-2"));
  cluster.remove_node("director-2");
  update();
  EXPECT_FALSE(has_backend("server-1"));
  EXPECT_THAT(of_node("server-1"), IsEmpty());
}

TEST_F(BackendTest, GoesWithADeletedServiceOnlyAfterTheDirectors) {
  cluster.remove_service("web");
  update();
  EXPECT_TRUE(has_backend("server-1"));
  report({"director-1", "director-2"});
  EXPECT_FALSE(has_backend("server-1"));
  EXPECT_FALSE(has_backend("server-2"));
}

TEST_F(BackendTest, AfterARestartOfTheOperatorItIsKeptUntilTheDirectorsHaveReported) {
  cluster.remove_server("rs-1");
  Planner restarted{PlannerOptions{2, false}};
  ClusterSnapshot snapshot = cluster.snapshot();
  for (const auto* name : {"director-1", "director-2"}) snapshot.reports.erase(name);
  restarted.update(snapshot, {});
  EXPECT_EQ(restarted.plans().at("server-1").plan().backends.at(kVip).server_address,
            ip("192.0.2.21"));
  snapshot = cluster.snapshot();
  restarted.update(snapshot, {{}, {}, {}, {"director-1", "director-2"}});
  EXPECT_TRUE(restarted.plans().at("server-1").plan().backends.contains(kVip));
  for (const auto* name : {"director-1", "director-2"}) {
    auto status = *snapshot.reports.at(name);
    status.applied_plan = restarted.plans().at(name).hash();
    snapshot.reports[name] = std::make_shared<const NodeStatus>(status);
  }
  restarted.update(snapshot, {{}, {}, {}, {"director-1", "director-2"}});
  EXPECT_THAT(restarted.plans().at("server-1").plan().backends, IsEmpty());
}

// The RealServer is gone and with it its address, which is not its node's: only the agent knows it.
TEST_F(BackendTest, AfterARestartOfTheOperatorItKeepsTheAddressThatTheAgentReports) {
  auto server = real_server("rs-1", "web", "server-1");
  server.spec.address = ip("198.51.100.7");
  cluster.put(server);
  update();
  report(kNodes);
  cluster.remove_server("rs-1");
  Planner restarted{PlannerOptions{2, false}};
  cluster.plan_with(restarted);
  const auto backend = [&] { return restarted.plans().at("server-1").plan().backends; };
  EXPECT_EQ(backend().at(kVip).server_address, ip("198.51.100.7"));

  for (const auto* name : {"director-1", "director-2"}) {
    cluster.report_done(restarted, name);
    auto status = *cluster.snapshot().reports.at(name);
    status.lingering = {{kWeb, {ip("198.51.100.7"), 80}, {3, 0, 0}}};
    cluster.put(status);
  }
  cluster.plan_with(restarted);
  EXPECT_THAT(backend(), ::testing::Contains(::testing::Key(kVip))) << "connections still drain";
  for (const auto* name : {"director-1", "director-2"}) cluster.report_done(restarted, name);
  cluster.plan_with(restarted);
  EXPECT_THAT(backend(), IsEmpty());
}

// What was prepared is the interface of an address: with another one the server may answer ARP for
// the VIP.
TEST_F(BackendTest, AServerIsAdmittedAtTheAddressThatItsNodeHasPrepared) {
  const auto admission = [this](const char* address) {
    const auto& web = *planner.plans().at("director-1").plan().services.at(kWeb);
    for (const auto& destination : web.destinations) {
      if (destination.key.address == ip(address)) return destination.admission;
    }
    return Admission::kKeep;
  };
  ASSERT_EQ(admission("192.0.2.21"), Admission::kAdmit);
  auto server = real_server("rs-1", "web", "server-1");
  server.spec.address = ip("198.51.100.7");
  cluster.put(server);
  update();
  EXPECT_EQ(admission("198.51.100.7"), Admission::kHold);
  report({"server-1"});
  EXPECT_EQ(admission("198.51.100.7"), Admission::kAdmit);
}

// The agent has lost its plan: what it prepared the VIP for is not known until it has the plan
// again.
TEST_F(BackendTest, APreparedVipWithoutAnAddressKeepsTheKernelsWeight) {
  NodeStatus lost;
  lost.node = "server-1";
  lost.backends = {{kVip, true, "WaitsForRemoval", ""}};
  cluster.put(lost);
  update();
  const auto& web = *planner.plans().at("director-1").plan().services.at(kWeb);
  EXPECT_EQ(web.destinations.at(0).admission, Admission::kKeep);
  EXPECT_EQ(web.destinations.at(1).admission, Admission::kAdmit);
}

TEST_F(BackendTest, ANodeThatCarriesNothingMoreKeepsAnEmptyPlan) {
  cluster.remove_server("rs-1");
  update();
  report(kNodes);
  report(kNodes);
  ASSERT_TRUE(planner.plans().contains("server-1"));
  EXPECT_THAT(planner.plans().at("server-1").plan().backends, IsEmpty());
}

TEST_F(BackendTest, ANodeThatIsGoneHasNoPlan) {
  cluster.remove_node("server-1");
  const auto delta = update();
  EXPECT_THAT(delta.removed_nodes, ElementsAre("server-1"));
  EXPECT_THAT(planner.plans().at("director-1").plan().services.at(kWeb)->destinations, SizeIs(1));
  cluster.put(node("server-1", "192.0.2.21"));
  update();
  EXPECT_TRUE(has_backend("server-1"));
}

TEST_F(BackendTest, OfTwoWantsTheOlderServersAddressCounts) {
  auto second = real_server("rs-0", "mail", "server-1");
  second.spec.address = ip("192.0.2.121");
  second.meta.created = 9;
  cluster.put(second);
  cluster.put(virtual_service("mail", "192.0.2.100", 25));
  update();
  const auto& backend = planner.plans().at("server-1").plan().backends.at(kVip);
  EXPECT_EQ(backend.server_address, ip("192.0.2.21"));
  cluster.remove_server("rs-1");
  update();
  EXPECT_EQ(planner.plans().at("server-1").plan().backends.at(kVip).server_address,
            ip("192.0.2.121"));
}

}  // namespace
}  // namespace lvs
