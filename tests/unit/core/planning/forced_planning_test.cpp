// What a person's word on a real server does to the plan.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/planner.h"
#include "support/cluster.h"

namespace lvs {
namespace {

using testing::Cluster;
using testing::ip;
using testing::node;
using testing::real_server;
using ::testing::SizeIs;
using testing::virtual_service;

class ForcedPlanning : public ::testing::Test {
 protected:
  ForcedPlanning() {
    cluster.put(node("director-1", "192.0.2.10", true));
    cluster.put(node("server-1", "192.0.2.21"));
    cluster.put(virtual_service("web", "192.0.2.100"));
    cluster.put(real_server("rs-1", "web", "server-1", 3));
  }

  void update() { (void)cluster.plan_with(planner); }
  const PlannedService& web() {
    const ServiceKey key{ip("192.0.2.100"), Protocol::kTcp, 80, 0};
    return *planner.plans().at("director-1").plan().services.at(key);
  }
  void prepare(const std::string& name) {
    cluster.report_done(planner, name);
    update();
  }

  Cluster cluster;
  Planner planner{PlannerOptions{7, false}};
};

TEST_F(ForcedPlanning, WhoIsForcedIsSoUntilItIsOver) {
  update();
  prepare("server-1");
  const ObjectKey key = real_server("rs-1", "web", "server-1", 3).meta.key;
  const auto force = [&](std::optional<ForcedHealth> forced) {
    cluster.force(key, forced);
    update();
    return web().destinations[0].admission;
  };
  EXPECT_EQ(force(ForcedHealth{false}), Admission::kForceDown);
  EXPECT_EQ(force(ForcedHealth{true}), Admission::kForceUp);
  EXPECT_EQ(force(std::nullopt), Admission::kAdmit);
}

TEST_F(ForcedPlanning, ForcedUpIsAboutHealthNotAboutPreparation) {
  update();
  NodeStatus report;
  report.node = "server-1";
  cluster.put(report);
  cluster.force(real_server("rs-1", "web", "server-1", 3).meta.key, ForcedHealth{true});
  update();
  EXPECT_EQ(web().destinations[0].admission, Admission::kHold);
}

TEST_F(ForcedPlanning, AWordThatMeansNothingIsTold) {
  auto server = real_server("rs-1", "web", "server-1", 3);
  server.meta.annotations[kForceAnnotation] = "sideways";
  cluster.put(server);
  update();
  const auto told = planner.diagnostics_of(Kind::kRealServer, server.meta.key);
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].reason, "InvalidForce");
  EXPECT_EQ(told[0].severity, Severity::kWarning);
}

}  // namespace
}  // namespace lvs
