// What the directors find, as people read it in the resources.
#include "operator/status/health_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "operator/status/status_events.h"

namespace lvs {
namespace {

using testing::HasSubstr;

const WallTime kNow{std::chrono::seconds(1'000'000)};
const IpAddress kVip = IpAddress::parse("192.0.2.100").value();
const IpAddress kServer = IpAddress::parse("192.0.2.21").value();
const ServiceKey kWeb{kVip, Protocol::kTcp, 80, 0};

// Two directors, of which the first holds the VIP; one service with a check; two servers.
class HealthStatusTest : public testing::Test {
 protected:
  HealthStatusTest() {
    add_node("d1", "192.0.2.10");
    add_node("d2", "192.0.2.11");
    service.meta.key = {"shop", "web"};
    service.spec.vips = {kVip};
    service.spec.ports = {{"http", Protocol::kTcp, 80, {}, {}}};
    service.spec.real_server_selector.match_labels["app"] = "web";
    service.spec.directors.preferred = {"d1"};
    service.spec.health_check.emplace();
    server = add_server("one", "192.0.2.21");
    add_server("two", "192.0.2.22");
    report("d1", {});
    report("d2", {});
    plan();
  }

  void plan() {
    cluster.virtual_services[service.meta.key] = std::make_shared<const VirtualService>(service);
    SnapshotDelta delta;
    delta.virtual_services.insert(service.meta.key);
    (void)planner.update(cluster, delta);
  }
  void add_node(const std::string& name, const char* address) {
    Node node;
    node.meta.key = {"", name};
    node.meta.labels[kDirectorLabel] = "true";
    node.internal_ips = {IpAddress::parse(address).value()};
    cluster.nodes[node.meta.key] = std::make_shared<const Node>(node);
  }
  RealServer add_server(const std::string& name, const char* address) {
    RealServer object;
    object.meta.key = {"shop", name};
    object.meta.labels["app"] = "web";
    object.spec.address = IpAddress::parse(address).value();
    cluster.real_servers[object.meta.key] = std::make_shared<const RealServer>(object);
    return object;
  }
  void report(const std::string& name, std::vector<UnhealthyServer> unhealthy,
              std::vector<ProblemReport> problems = {}) {
    const bool holder = name == "d1";
    NodeStatus status;
    status.node = name;
    status.vips = {{kVip, "eth1", holder, holder, 1, "", "", {}}};
    status.unhealthy = std::move(unhealthy);
    status.problems = std::move(problems);
    cluster.reports[name] = std::make_shared<const NodeStatus>(status);
  }

  VirtualServiceStatus of_service() {
    return build_status({cluster, planner, kNow}, service, nullptr);
  }
  RealServerStatus of_server() { return build_status({cluster, planner, kNow}, server, nullptr); }
  static std::string healthy(const std::vector<Condition>& conditions) {
    const auto* found = find_condition(&conditions, "Healthy");
    return found == nullptr ? "" : found->status + " " + found->reason + ": " + found->message;
  }

  ClusterSnapshot cluster;
  Planner planner{PlannerOptions{1, false}};
  VirtualService service;
  RealServer server;
};

TEST_F(HealthStatusTest, APersonsWordCountsMoreThanTheChecks) {
  const auto force = [&](bool up) {
    cluster.forced[server.meta.key] = {up};
    SnapshotDelta delta;
    delta.real_servers.insert(server.meta.key);
    (void)planner.update(cluster, delta);
  };
  force(false);
  EXPECT_THAT(healthy(of_server().conditions),
              HasSubstr("False ForcedDown: forced down until it is taken back"));
  EXPECT_EQ(of_server().services.at(0).state, "ForcedDown");
  EXPECT_EQ(of_service().real_servers.down, 1);
  force(true);
  report("d1", {{kWeb, kServer, "refused"}});
  EXPECT_THAT(healthy(of_server().conditions), HasSubstr("True ForcedUp: forced up"));
  EXPECT_THAT(healthy(of_server().conditions), HasSubstr("its checks say: d1: "));
  EXPECT_EQ(of_server().services.at(0).state, "Serving");
  EXPECT_EQ(of_service().real_servers.ready, 2);
  EXPECT_THAT(healthy(of_service().conditions), HasSubstr("True AllHealthy"));
}

TEST_F(HealthStatusTest, NobodyFails) {
  EXPECT_EQ(healthy(of_service().conditions), "True AllHealthy: no server fails its check");
  const auto status = of_server();
  EXPECT_THAT(healthy(status.conditions), HasSubstr("True CheckPassed"));
  EXPECT_EQ(status.services.at(0).health, "Healthy");
  EXPECT_EQ(status.services.at(0).state, "Serving");
}

TEST_F(HealthStatusTest, AServerThatFailsIsDownAndSaysWhy) {
  report("d1", {{kWeb, kServer, "connection refused"}});
  const auto status = of_server();
  EXPECT_THAT(healthy(status.conditions),
              HasSubstr("False CheckFailed: d1: TCP 192.0.2.100:80: connection refused; see"));
  EXPECT_EQ(status.services.at(0).health, "Unhealthy");
  EXPECT_EQ(status.services.at(0).weight, 0U);
  EXPECT_EQ(status.state_text, "Down");
  const auto whole = of_service();
  EXPECT_EQ(healthy(whole.conditions),
            "False ServersUnhealthy: get no new connections: 192.0.2.21 (connection refused)");
  EXPECT_EQ(whole.real_servers.down, 1);
  EXPECT_EQ(whole.ready_text, "1/2");
}

TEST_F(HealthStatusTest, TheHolderDecides) {
  report("d2", {{kWeb, kServer, "connection refused"}});
  EXPECT_EQ(of_server().services.at(0).health, "Healthy");
}

TEST_F(HealthStatusTest, APoolThatIsKeptServes) {
  report("d1", {{kWeb, kServer, "refused"}},
         {{"TCP 192.0.2.100:80", "PoolFailOpen", "look at it"}});
  const auto whole = of_service();
  EXPECT_EQ(healthy(whole.conditions), "False PoolFailOpen: d1: TCP 192.0.2.100:80: look at it");
  EXPECT_NE(find_condition(&whole.conditions, "Programmed")->reason, "PoolFailOpen");
  EXPECT_EQ(of_server().services.at(0).health, "Unhealthy");
  EXPECT_EQ(of_server().services.at(0).state, "Serving");
}

TEST_F(HealthStatusTest, WithoutACheckNothingIsSaid) {
  service.spec.health_check.reset();
  plan();
  EXPECT_EQ(healthy(of_service().conditions), "");
  EXPECT_EQ(healthy(of_server().conditions), "");
  EXPECT_EQ(of_server().services.at(0).health, "Unknown");
}

TEST_F(HealthStatusTest, WhatChangesIsAnEvent) {
  const auto before = of_service();
  report("d1", {{kWeb, kServer, "refused"}});
  const auto events = events_between(service, before, of_service(), kNow);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_TRUE(events[0].warning);
  EXPECT_EQ(events[0].reason, "ServersUnhealthy");
  EXPECT_THAT(events[0].note, HasSubstr("192.0.2.21 (refused)"));
}

}  // namespace
}  // namespace lvs
