// Who holds a VIP, since when, from whom, why; who could take it over; and the events of all that.
#include "operator/status/vip_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "operator/status/status_events.h"

namespace lvs {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

const WallTime kThen{std::chrono::seconds(1'000'000)};
const WallTime kLater{std::chrono::seconds(2'000'000)};
const IpAddress kVip = IpAddress::parse("192.0.2.100").value();

// Two directors, one VirtualService; the test says what the directors report.
class VipStatusTest : public testing::Test {
 protected:
  VipStatusTest() {
    add_director("d1", "192.0.2.10");
    add_director("d2", "192.0.2.11");
    service.meta.key = {"shop", "web"};
    service.meta.uid = "1234";
    service.spec.vips = {kVip};
    service.spec.ports = {{"http", Protocol::kTcp, 80, {}, {}}};
    service.spec.real_server_selector.match_labels["app"] = "web";
    service.spec.directors.preferred = {"d1"};
    cluster.virtual_services[service.meta.key] = std::make_shared<const VirtualService>(service);
    (void)planner.update(cluster, {});
    report("d1", true, {1'000, "NoHolder", "", "d2", "", ""});
    report("d2", false, {});
  }

  void add_director(const std::string& name, const char* address) {
    Node node;
    node.meta.key = {"", name};
    node.meta.labels[kDirectorLabel] = "true";
    node.internal_ips = {IpAddress::parse(address).value()};
    cluster.nodes[node.meta.key] = std::make_shared<const Node>(node);
  }
  void report(const std::string& name, bool holder, const ElectedVipReport& election,
              std::uint64_t term = 1) {
    NodeStatus status;
    status.node = name;
    status.vips = {{kVip, "eth1", holder, holder, term, "", "", election}};
    cluster.reports[name] = std::make_shared<const NodeStatus>(status);
  }
  VirtualServiceStatus status(const VirtualServiceStatus* before, WallTime now) {
    return build_status({cluster, planner, now}, service, before);
  }
  Condition failover(const VirtualServiceStatus& status) {
    const auto* found = find_condition(&status.conditions, "FailoverReady");
    return found == nullptr ? Condition{} : *found;
  }
  std::vector<std::string> told(const VirtualServiceStatus& before,
                                const VirtualServiceStatus& after) {
    std::vector<std::string> texts;
    for (const auto& event : events_between(service, before, after, kLater)) {
      texts.push_back((event.warning ? "Warning " : "Normal ") + event.reason + ": " + event.note);
    }
    return texts;
  }

  ClusterSnapshot cluster;
  Planner planner{PlannerOptions{1, false}};
  VirtualService service;
};

TEST_F(VipStatusTest, IsWhatTheHolderReports) {
  const auto vip = status(nullptr, kThen).vips.at(0);
  EXPECT_EQ(vip.holder, "d1");
  EXPECT_EQ(vip.since, "1970-01-01T00:16:40Z");
  EXPECT_EQ(vip.reason, "NoHolder");
  EXPECT_THAT(vip.previous_holder, IsEmpty());
}

TEST_F(VipStatusTest, NothingChangesWithTime) {
  const auto before = status(nullptr, kThen);
  EXPECT_EQ(status(&before, kLater), before);
  EXPECT_THAT(told(before, status(&before, kLater)), IsEmpty());
}

TEST_F(VipStatusTest, AMoveTellsFromWhomAndWhyOnce) {
  const auto before = status(nullptr, kThen);
  report("d2", true, {2'000, "HeartbeatLost", "d1", "", "", ""}, 2);
  const auto after = status(&before, kLater);
  EXPECT_EQ(after.vips[0].holder, "d2") << "the higher term; d1 is gone and says nothing more";
  EXPECT_EQ(after.vips[0].previous_holder, "d1");
  EXPECT_EQ(after.vips[0].reason, "HeartbeatLost");
  EXPECT_EQ(after.vips[0].term, 2U);
  EXPECT_EQ(told(before, after)[0],
            "Warning VIPMoved: 192.0.2.100 moved from d1 to d2 (HeartbeatLost, term 2)");
  EXPECT_THAT(told(after, status(&after, kLater)), IsEmpty());
}

TEST_F(VipStatusTest, TheSameMoveHasTheSameNameWhoeverTellsIt) {
  const auto before = status(nullptr, kThen);
  report("d2", true, {2'000, "DirectorDrained", "d1", "d1", "", ""}, 2);
  report("d1", false, {}, 2);
  const auto one = events_between(service, before, status(&before, kThen), kThen);
  const auto other = events_between(service, before, status(&before, kLater), kLater);
  ASSERT_EQ(one.size(), 1U);
  EXPECT_EQ(one[0].occurrence, other.at(0).occurrence);
  EXPECT_EQ(one[0].uid, "1234");
  EXPECT_FALSE(one[0].warning) << "somebody wanted it";
}

TEST_F(VipStatusTest, ARestartedAgentMovesNothing) {
  const auto before = status(nullptr, kThen);
  report("d1", true, {5'000, "AgentRestarted", "", "d2", "", ""});
  EXPECT_EQ(status(&before, kLater), before);
}

TEST_F(VipStatusTest, WithoutAHolderTheLastOneIsRemembered) {
  const auto before = status(nullptr, kThen);
  report("d1", false, {});
  const auto after = status(&before, kLater);
  EXPECT_EQ(after.vips[0].previous_holder, "d1");
  EXPECT_EQ(after.vips[0].reason, "NoHolder");
  EXPECT_EQ(told(before, after)[0],
            "Warning VIPLost: no director holds 192.0.2.100; the last one was d1");
  report("d2", true, {2'000, "NoHolder", "", "", "", ""}, 2);
  EXPECT_EQ(status(&after, kLater).vips[0].previous_holder, "d1") << "d2 had just been started";
}

TEST_F(VipStatusTest, FailoverIsReadyWhileTheHolderHearsAStandby) {
  const auto before = status(nullptr, kThen);
  EXPECT_EQ(failover(before).status, "True");
  EXPECT_EQ(failover(before).message, "d2 could take over 192.0.2.100");
  report("d1", true, {1'000, "NoHolder", "", "", "", ""});
  cluster.unreachable.insert("d2");
  const auto after = status(&before, kLater);
  EXPECT_EQ(failover(after).reason, "NoStandby");
  EXPECT_THAT(failover(after).message, HasSubstr("no agent answers on d2"));
  EXPECT_THAT(told(before, after).at(0), HasSubstr("Warning NoStandby: d1 holds 192.0.2.100"));
}

TEST_F(VipStatusTest, AWorryOfADirectorReachesTheService) {
  report("d2", false, {0, "", "", "", "HeartbeatsLost", "let UDP pass"});
  EXPECT_EQ(failover(status(nullptr, kThen)).reason, "HeartbeatsLost");
  EXPECT_EQ(failover(status(nullptr, kThen)).message, "d2: 192.0.2.100: let UDP pass");
}

TEST_F(VipStatusTest, OneCandidateCannotBeReplacedAndIsNotBlamed) {
  cluster.nodes.erase({"", "d2"});
  (void)planner.update(cluster, {{}, {}, {"d2"}, {}});
  EXPECT_EQ(failover(status(nullptr, kThen)).status, "");
}

TEST(NodeEvents, ADrainIsToldWhenItBeginsWhenItIsOverAndWhenItIsTakenBack) {
  Node object;
  object.meta.key = {"", "d1"};
  NodeStatus serves;
  serves.vips = {{kVip, "eth1", true, true, 1, "", ""}};
  NodeStatus draining = serves;
  draining.drained = true;
  NodeStatus empty = draining;
  empty.vips[0].holder = empty.vips[0].present = false;
  const auto told = [&](const NodeStatus& before, const NodeStatus& after) {
    std::vector<std::string> reasons;
    for (const auto& event : events_between(object, before, after, kThen)) {
      reasons.push_back(event.reason);
    }
    return reasons;
  };
  using Reasons = std::vector<std::string>;
  EXPECT_EQ(told(serves, draining), Reasons{"DirectorDraining"});
  EXPECT_EQ(told(draining, empty), Reasons{"DirectorDrained"});
  EXPECT_EQ(told(empty, empty), Reasons{});
  EXPECT_EQ(told(serves, empty), Reasons{"DirectorDrained"});
  EXPECT_EQ(told(empty, serves), Reasons{"DirectorUndrained"});
}

}  // namespace
}  // namespace lvs
