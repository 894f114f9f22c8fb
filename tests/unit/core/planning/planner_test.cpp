// What is planned for whom, when all is well.
#include "core/planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/cluster.h"

namespace lvs {
namespace {

using testing::Cluster;
using ::testing::ElementsAre;
using testing::ip;
using ::testing::IsEmpty;
using testing::node;
using testing::real_server;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using testing::virtual_service;

const ServiceKey kShop{ip("192.0.2.100"), Protocol::kTcp, 80, 0};

class PlannerTest : public ::testing::Test {
 protected:
  PlannerTest() {
    cluster.put(node("director-1", "192.0.2.10", true));
    cluster.put(node("director-2", "192.0.2.11", true));
    cluster.put(node("server-1", "192.0.2.21"));
    cluster.put(node("server-2", "192.0.2.22"));
    cluster.put(virtual_service("web", "192.0.2.100"));
    cluster.put(real_server("rs-1", "web", "server-1", 3));
    cluster.put(real_server("rs-2", "web", "server-2", 2));
  }

  PlanningDelta update() { return cluster.plan_with(planner); }
  const NodePlan& plan(const std::string& name) { return planner.plans().at(name).plan(); }
  const PlannedService& web(const std::string& name = "director-1") {
    return *plan(name).services.at(kShop);
  }
  void prepare(const std::string& name) {
    cluster.report_done(planner, name);
    update();
  }

  Cluster cluster;
  Planner planner{PlannerOptions{7, false}};
};

TEST_F(PlannerTest, EveryDirectorGetsTheWholeService) {
  const auto delta = update();
  for (const auto* name : {"director-1", "director-2"}) {
    EXPECT_THAT(plan(name).vips.at(ip("192.0.2.100")).candidates, SizeIs(2));
    EXPECT_EQ(web(name).header.config.scheduler, "wrr");
    EXPECT_THAT(web(name).destinations, SizeIs(2));
    EXPECT_EQ(web(name).destinations[0].key, (DestinationKey{ip("192.0.2.21"), 80}));
    EXPECT_EQ(web(name).destinations[0].config.weight, 3U);
    EXPECT_EQ(plan(name).term, 7U);
  }
  EXPECT_EQ(plan("director-1").services.at(kShop), plan("director-2").services.at(kShop));
  EXPECT_THAT(delta.new_nodes,
              UnorderedElementsAre("director-1", "director-2", "server-1", "server-2"));
  EXPECT_THAT(delta.edits, IsEmpty());
  EXPECT_THAT(planner.all_diagnostics(), IsEmpty());
}

TEST_F(PlannerTest, RealServersPrepareTheVip) {
  update();
  EXPECT_EQ(plan("server-1").backends.at(ip("192.0.2.100")),
            (PlannedBackend{ip("192.0.2.21"), ForwardingMethod::kDirectRouting}));
  EXPECT_THAT(plan("server-1").services, IsEmpty());
  EXPECT_THAT(plan("director-1").backends, IsEmpty());
}

TEST_F(PlannerTest, UnknownIsNotDown) {
  update();
  EXPECT_EQ(web().destinations[0].admission, Admission::kKeep);
}

TEST_F(PlannerTest, AServerIsAdmittedWhenItsNodeSaysThatItIsPrepared) {
  update();
  NodeStatus report;
  report.node = "server-1";
  cluster.put(report);
  update();
  EXPECT_EQ(web().destinations[0].admission, Admission::kHold);
  EXPECT_EQ(web().destinations[1].admission, Admission::kKeep);
  prepare("server-1");
  EXPECT_EQ(web().destinations[0].admission, Admission::kAdmit);
}

TEST_F(PlannerTest, ADeadAgentIsNotADeadServer) {
  update();
  prepare("server-1");
  cluster.set_reachable("server-1", false);
  update();
  EXPECT_EQ(web().destinations[0].admission, Admission::kAdmit);
}

TEST_F(PlannerTest, DrainHoldsAndKeepsThePreparation) {
  update();
  prepare("server-1");
  auto server = real_server("rs-1", "web", "server-1", 3);
  server.spec.drain = true;
  cluster.put(server);
  update();
  EXPECT_EQ(web().destinations[0].admission, Admission::kDrain);
  EXPECT_EQ(web().destinations[0].config.weight, 3U);
  EXPECT_TRUE(plan("server-1").backends.contains(ip("192.0.2.100")));
}

TEST_F(PlannerTest, AMachineWithoutNodePreparesItself) {
  auto server = real_server("rs-3", "web", "");
  server.spec.address = ip("192.0.2.33");
  cluster.put(server);
  update();
  EXPECT_EQ(web().destinations[2].admission, Admission::kAdmit);
  EXPECT_EQ(web().destinations[2].key.address, ip("192.0.2.33"));
}

TEST_F(PlannerTest, OneWeightIsOneEditPerDirector) {
  update();
  for (const auto* name : {"director-1", "director-2", "server-1", "server-2"}) prepare(name);
  cluster.put(real_server("rs-2", "web", "server-2", 9));
  const auto delta = update();
  auto changed = web().destinations[1];
  EXPECT_EQ(changed.config.weight, 9U);
  EXPECT_THAT(delta.edits, SizeIs(2));
  EXPECT_THAT(delta.edits.at("director-1"), ElementsAre(PutDestination{kShop, changed}));
  EXPECT_THAT(delta.real_servers, ElementsAre(ObjectKey{"shop", "rs-2"}));
  EXPECT_THAT(delta.virtual_services, ElementsAre(ObjectKey{"shop", "web"}));
}

TEST_F(PlannerTest, NothingChangedIsNothingToSay) {
  update();
  cluster.put(real_server("rs-2", "web", "server-2", 2));
  cluster.put(virtual_service("web", "192.0.2.100"));
  const auto delta = update();
  EXPECT_THAT(delta.edits, IsEmpty());
  EXPECT_THAT(delta.virtual_services, IsEmpty());
}

TEST_F(PlannerTest, MasqueradeRewritesThePortAndPreparesNothing) {
  auto service = virtual_service("web", "192.0.2.100");
  service.spec.forwarding = ForwardingMethod::kMasquerade;
  service.spec.ports[0].target_port = 8080;
  cluster.put(service);
  update();
  EXPECT_EQ(web().destinations[0].key.port, 8080);
  EXPECT_EQ(web().destinations[0].admission, Admission::kAdmit);
  EXPECT_THAT(plan("server-1").backends, IsEmpty());
}

TEST_F(PlannerTest, SchedulerFlagsPersistenceAndThresholdsReachTheKernelsWords) {
  auto service = virtual_service("web", "192.0.2.100");
  service.spec.scheduler = {"mh", {"mh-port", "mh-fallback"}};
  service.spec.persistence = PersistenceSpec{Duration(90'000), 24};
  service.spec.drain_timeout = Duration(5'000);
  cluster.put(service);
  auto server = real_server("rs-1", "web", "server-1");
  server.spec.max_connections = 100;
  server.spec.min_connections = 50;
  cluster.put(server);
  update();
  EXPECT_EQ(web().header.config,
            (ServiceConfig{"mh", kFlagPersistent | kFlagSched1 | kFlagSched2, 90, 24}));
  EXPECT_EQ(web().header.drain_timeout, Duration(5'000));
  EXPECT_EQ(web().destinations[0].config.upper_threshold, 100U);
  EXPECT_EQ(web().destinations[0].config.lower_threshold, 50U);
}

TEST_F(PlannerTest, ThePersistencePrefixOfADualStackServiceIsForIpv4) {
  auto service = virtual_service("web", "192.0.2.100");
  service.spec.vips.push_back(ip("2001:db8::100"));
  service.spec.persistence = PersistenceSpec{Duration(60'000), 24};
  cluster.put(service);
  update();
  const ServiceKey v6{ip("2001:db8::100"), Protocol::kTcp, 80, 0};
  EXPECT_EQ(web().header.config.persistence_prefix, 24);
  EXPECT_EQ(plan("director-1").services.at(v6)->header.config.persistence_prefix, 128);
  EXPECT_THAT(plan("director-1").services.at(v6)->destinations, IsEmpty());
}

TEST_F(PlannerTest, ADirectorThatComesGetsEverythingAndOneThatGoesLosesIt) {
  update();
  cluster.put(node("director-3", "192.0.2.12", true));
  auto delta = update();
  EXPECT_THAT(web("director-3").destinations, SizeIs(2));
  EXPECT_THAT(plan("director-1").vips.at(ip("192.0.2.100")).candidates, SizeIs(3));
  EXPECT_THAT(delta.edits.at("director-1"), SizeIs(2)) << "the VIP's candidates, the director";
  EXPECT_EQ(plan("director-1").directors.at("director-3").addresses.at(0), ip("192.0.2.12"));
  EXPECT_EQ(plan("director-1").directors, plan("director-3").directors);
  cluster.remove_node("director-1");
  delta = update();
  EXPECT_THAT(delta.removed_nodes, ElementsAre("director-1"));
  EXPECT_FALSE(planner.plans().contains("director-1"));
  EXPECT_THAT(planner.candidates_of(ip("192.0.2.100")), SizeIs(2));
  EXPECT_THAT(plan("director-2").directors, SizeIs(2));
}

TEST_F(PlannerTest, ADirectorsNewAddressReachesTheOthers) {
  update();
  cluster.put(node("director-2", "192.0.2.99", true));
  update();
  EXPECT_EQ(plan("director-1").directors.at("director-2").addresses.at(0), ip("192.0.2.99"));
}

TEST_F(PlannerTest, ARealServersNodeKnowsNoDirectors) {
  update();
  EXPECT_THAT(plan("server-1").directors, IsEmpty());
}

TEST_F(PlannerTest, ADirectorThatLosesItsLabelCleansUp) {
  update();
  prepare("director-1");
  cluster.put(node("director-1", "192.0.2.10", false));
  const auto delta = update();
  EXPECT_THAT(plan("director-1").vips, IsEmpty());
  EXPECT_THAT(plan("director-1").services, IsEmpty());
  EXPECT_THAT(plan("director-1").directors, IsEmpty());
  EXPECT_THAT(delta.edits.at("director-1"), SizeIs(5))
      << "VIP, service, two directors, and that it is meant";
  EXPECT_THAT(plan("director-1").withdrawn, ElementsAre(ObjectKey{"shop", "web"}));
  cluster.put(node("director-1", "192.0.2.10", true));
  update();
  EXPECT_THAT(plan("director-1").withdrawn, IsEmpty());
}

TEST_F(PlannerTest, ADeletedServiceIsNamedAndGone) {
  update();
  cluster.remove_service("web");
  const auto delta = update();
  EXPECT_THAT(plan("director-1").services, IsEmpty());
  EXPECT_THAT(plan("director-1").vips, IsEmpty());
  EXPECT_THAT(plan("director-1").withdrawn, ElementsAre(ObjectKey{"shop", "web"}));
  EXPECT_THAT(delta.virtual_services, ElementsAre(ObjectKey{"shop", "web"}));
  cluster.put(virtual_service("web", "192.0.2.100"));
  update();
  EXPECT_THAT(plan("director-1").withdrawn, IsEmpty());
}

TEST_F(PlannerTest, ALabelThatChangesMovesTheServer) {
  cluster.put(virtual_service("mail", "192.0.2.101", 25));
  update();
  cluster.put(real_server("rs-2", "mail", "server-2", 2));
  update();
  EXPECT_THAT(web().destinations, SizeIs(1));
  const ServiceKey mail{ip("192.0.2.101"), Protocol::kTcp, 25, 0};
  EXPECT_THAT(plan("director-1").services.at(mail)->destinations, SizeIs(1));
  EXPECT_THAT(planner.virtual_services_of({"shop", "rs-2"}),
              ElementsAre(ObjectKey{"shop", "mail"}));
  EXPECT_THAT(planner.real_servers_of({"shop", "web"}), ElementsAre(ObjectKey{"shop", "rs-1"}));
}

TEST_F(PlannerTest, ASelectorMayConsistOfExpressionsOnly) {
  auto service = virtual_service("web", "192.0.2.100");
  service.spec.real_server_selector = {};
  service.spec.real_server_selector.match_expressions = {
      {"app", LabelRequirement::Operator::kIn, {"web", "www"}}};
  cluster.put(service);
  update();
  EXPECT_THAT(web().destinations, SizeIs(2));
  cluster.put(real_server("rs-3", "www", "server-1"));
  update();
  EXPECT_THAT(planner.real_servers_of({"shop", "web"}), SizeIs(3));
}

TEST_F(PlannerTest, ServersOfOtherNamespacesAreNotSelected) {
  auto other = real_server("rs-9", "web", "");
  other.meta.key.ns = "bank";
  other.spec.address = ip("192.0.2.99");
  cluster.put(other);
  update();
  EXPECT_THAT(web().destinations, SizeIs(2));
}

TEST_F(PlannerTest, ANodeThatIsDirectorAndRealServerHasBoth) {
  cluster.put(real_server("rs-3", "web", "director-1"));
  update();
  EXPECT_TRUE(plan("director-1").vips.contains(ip("192.0.2.100")));
  EXPECT_TRUE(plan("director-1").backends.contains(ip("192.0.2.100")));
  EXPECT_THAT(web("director-2").destinations, SizeIs(3));
}

TEST_F(PlannerTest, TheAddressOfANodeMayChange) {
  update();
  cluster.put(node("server-1", "192.0.2.77"));
  update();
  EXPECT_EQ(web().destinations[1].key.address, ip("192.0.2.77"));
  EXPECT_EQ(plan("server-1").backends.at(ip("192.0.2.100")).server_address, ip("192.0.2.77"));
}

}  // namespace
}  // namespace lvs
