// What people ask of directors, as the plans carry it: drains and failovers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/planner.h"
#include "support/cluster.h"

namespace lvs {
namespace {

using testing::Cluster;
using testing::ip;
using testing::node;
using testing::virtual_service;

const IpAddress kMoved = ip("192.0.2.100");

class PlannedMoves : public ::testing::Test {
 protected:
  PlannedMoves() {
    cluster.put(node("director-1", "192.0.2.10", true));
    cluster.put(node("director-2", "192.0.2.11", true));
    cluster.put(virtual_service("web", "192.0.2.100"));
    update();
  }

  PlanningDelta update() { return cluster.plan_with(planner); }
  const NodePlan& plan(const std::string& name) { return planner.plans().at(name).plan(); }
  void put_drained(bool annotated, bool cordoned) {
    Node object = node("director-1", "192.0.2.10", true);
    if (annotated) object.meta.annotations[kDrainAnnotation] = "true";
    object.cordoned = cordoned;
    cluster.put(object);
  }
  void request(const std::string& text) {
    VirtualService object = virtual_service("web", "192.0.2.100");
    object.meta.annotations[kFailoverAnnotation] = text;
    cluster.put(object);
  }

  Cluster cluster;
  Planner planner{PlannerOptions{7, false}};
};

TEST_F(PlannedMoves, EveryDirectorIsToldWhoIsDrained) {
  for (const auto& [annotated, cordoned] : {std::pair(true, false), std::pair(false, true)}) {
    put_drained(annotated, cordoned);
    update();
    for (const auto* name : {"director-1", "director-2"}) {
      EXPECT_TRUE(plan(name).directors.at("director-1").drained);
      EXPECT_FALSE(plan(name).directors.at("director-2").drained);
    }
    EXPECT_EQ(plan("director-1").vips.at(kMoved).candidates.size(), 2U) << "it stays a candidate";
  }
  put_drained(false, false);
  update();
  EXPECT_FALSE(plan("director-1").directors.at("director-1").drained);
}

TEST_F(PlannedMoves, AFailoverIsOneEditForEachCandidate) {
  request("192.0.2.100@4=director-2");
  const auto delta = update();
  for (const auto* name : {"director-1", "director-2"}) {
    EXPECT_EQ(plan(name).vips.at(kMoved).move, (PlannedMove{4, "director-2"}));
    ASSERT_EQ(delta.edits.at(name).size(), 1U);
    EXPECT_TRUE(std::holds_alternative<PutVip>(delta.edits.at(name)[0]));
  }
  cluster.put(virtual_service("web", "192.0.2.100"));
  update();
  EXPECT_FALSE(plan("director-1").vips.at(kMoved).move) << "withdrawn";
}

TEST_F(PlannedMoves, OfTwoRequestsTheNewerCounts) {
  VirtualService other = virtual_service("mail", "192.0.2.100", 25);
  other.meta.annotations[kFailoverAnnotation] = "192.0.2.100@3";
  cluster.put(other);
  request("192.0.2.100@4");
  update();
  EXPECT_EQ(plan("director-1").vips.at(kMoved).move, (PlannedMove{4, ""}));
}

TEST_F(PlannedMoves, WhatIsNoRequestIsSaidAndChangesNothing) {
  request("now");
  update();
  EXPECT_FALSE(plan("director-1").vips.at(kMoved).move);
  const auto said = planner.diagnostics_of(Kind::kVirtualService, {"shop", "web"});
  const auto is_it = [](const Diagnostic& d) {
    return d.reason == "InvalidFailoverRequest" && d.severity == Severity::kWarning;
  };
  EXPECT_EQ(std::count_if(said.begin(), said.end(), is_it), 1);
}

}  // namespace
}  // namespace lvs
