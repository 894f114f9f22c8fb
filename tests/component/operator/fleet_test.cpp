// What goes to whom, and when not yet.
#include "operator/pusher/fleet.h"

#include <mutex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "eventually.h"
#include "scripted_agents.h"

namespace lvs {
namespace {

class FleetTest : public testing::Test {
 protected:
  FleetTest() {
    auto node = std::make_shared<Node>();
    node->meta.key = {"", "server-1"};
    node->internal_ips = {IpAddress::parse("192.0.2.21").value()};
    nodes_[node->meta.key] = std::move(node);
    NodePlan plan;
    plan.node = "server-1";
    plans["server-1"] = HashedPlan(std::move(plan));
    fleet = std::make_unique<Fleet>(
        FleetOptions{}, agents.dialer(), [this](OperatorEvent event) { take(std::move(event)); },
        metrics_);
    fleet->follow(nodes_, {"server-1"});
  }

  template <typename Event>
  std::optional<Event> first() {
    const std::lock_guard lock(mutex_);
    for (const auto& event : events_) {
      if (const auto* found = std::get_if<Event>(&event)) return *found;
    }
    return std::nullopt;
  }

  ScriptedAgents agents;
  std::map<std::string, HashedPlan> plans;
  std::unique_ptr<Fleet> fleet;

 private:
  void take(OperatorEvent event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
  }

  MetricsRegistry registry_;
  OperatorMetrics metrics_{registry_};
  Objects<Node> nodes_;
  std::mutex mutex_;
  std::vector<OperatorEvent> events_;

 protected:
  ~FleetTest() override { fleet.reset(); }  // its threads post
};

// The plan that was made without the report lacks what the node must keep for now.
TEST_F(FleetTest, NothingIsSentBeforeTheAgentsReportIsTakenIn) {
  ASSERT_TRUE(eventually([&] { return first<AgentReport>().has_value(); }));
  fleet->send(plans, TimePoint{});
  EXPECT_FALSE(fleet->wake_at(plans));
  EXPECT_TRUE(stays([&] { return !first<PushDone>() && agents["server-1"].pushes().empty(); }));

  fleet->reported(*first<AgentReport>(), TimePoint{});
  fleet->send(plans, TimePoint{});
  EXPECT_TRUE(eventually([&] { return first<PushDone>().has_value(); }));
}

}  // namespace
}  // namespace lvs
