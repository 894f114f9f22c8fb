#include <gtest/gtest.h>

#include "api/codec.h"
#include "cli/status_report.h"
#include "samples.h"

namespace lvs::cli {
namespace {

const ObjectKey kWebKey{"shop", "web"};
const ObjectKey kServerKey{"shop", "web-1"};

VirtualServiceStatus service_status() {
  VirtualServiceStatus status;
  status.observed_generation = 3;
  status.conditions = {{"Accepted", "True", "Accepted", "ok", 3, "2026-01-31T08:15:00Z"}};
  status.vips = {
      {test::kWeb.address, "director-1", 4, "2026-01-31T08:15:00Z", "director-2", "HeartbeatLost"}};
  status.real_servers = {3, 2, 1, 0};
  status.vips_text = "192.168.100.100";
  status.ports_text = "80/TCP";
  status.holder_text = "director-1";
  status.ready_text = "2/3";
  return status;
}

RealServerStatus server_status() {
  RealServerStatus status;
  status.observed_generation = 1;
  status.conditions = {{"Prepared", "False", "WrongArpSetting", "arp_ignore of eth0 is 0", 1,
                        "2026-01-31T08:15:00Z"}};
  status.services = {{"web", 80, Protocol::kTcp, "Preparing", "Unknown", 0}};
  status.address_text = "192.168.100.21";
  status.state_text = "Preparing";
  status.services_text = "web:80";
  return status;
}

TEST(ObjectStatus, WhatTheOperatorWritesIsReadBack) {
  EXPECT_EQ(decode_virtual_service_status(encode_status_patch(kWebKey, service_status())),
            service_status());
  EXPECT_EQ(decode_real_server_status(encode_status_patch(kServerKey, server_status())),
            server_status());
}

TEST(ObjectStatus, NonsenseIsAnEmptyStatus) {
  for (const auto* text : {"", "[]", "{}", R"({"status": 7})", R"({"status": {"vips": [7, {}]}})",
                           R"({"status": {"conditions": {"a": 1}, "services": ["x"]}})"}) {
    EXPECT_EQ(decode_virtual_service_status(text), VirtualServiceStatus{}) << text;
    EXPECT_EQ(decode_real_server_status(text), RealServerStatus{}) << text;
  }
}

ClusterObjects cluster() {
  ClusterObjects objects;
  objects.snapshot = test::s1_snapshot();
  for (const auto& [key, service] : objects.snapshot.virtual_services) {
    objects.virtual_services[key] = service_status();
  }
  for (const auto& [key, server] : objects.snapshot.real_servers) {
    auto status = server_status();
    status.conditions[0].status = "True";
    status.services[0].state = "Serving";
    status.services[0].weight = server->spec.weight;
    objects.real_servers[key] = status;
  }
  return objects;
}

TEST(StatusOfObjects, IsWhatTheOperatorWrote) {
  EXPECT_EQ(
      to_text(report_from_objects(cluster()), false),
      R"(VIP              HOLDER      STATE  TERM  SINCE                 BEFORE      REASON         CANDIDATES
192.168.100.100  director-1  -      4     2026-01-31T08:15:00Z  director-2  HeartbeatLost  director-1, director-2

TCP 192.168.100.100:80  shop/web  wrr  on director-1
  REAL SERVER  ADDRESS         WEIGHT  ACTIVE  INACTIVE  STATE    PREPARED
  web-1        192.168.100.21  3       -       -         Serving  yes
  web-2        192.168.100.21  2       -       -         Serving  yes
  web-3        192.168.100.21  1       -       -         Serving  yes

NODE           ROLE         AGENT  STATE  VERSION  PLAN
director-1     director     -      -      -        -
director-2     director     -      -      -        -
real-server-1  real server  -      -      -        -
real-server-2  real server  -      -      -        -
real-server-3  real server  -      -      -        -

no problems
)");
}

TEST(StatusOfObjects, ConditionsThatAreNotTrueAreProblems) {
  auto objects = cluster();
  objects.real_servers[kServerKey] = server_status();
  const auto report = report_from_objects(objects);
  ASSERT_EQ(report.problems.size(), 1U);
  EXPECT_EQ(report.problems[0].where, "RealServer shop/web-1");
  EXPECT_EQ(report.problems[0].reason, "WrongArpSetting");
  EXPECT_EQ(report.problems[0].message, "Prepared: arp_ignore of eth0 is 0");
}

TEST(StatusOfObjects, AnObjectThatTheOperatorHasNotSeenIsAProblem) {
  auto objects = cluster();
  objects.virtual_services[kWebKey] = {};
  EXPECT_EQ(report_from_objects(objects).problems.at(0).reason, "NoStatus");
}

TEST(StatusOfObjects, AnObjectThatChangedSinceIsAProblem) {
  auto objects = cluster();
  auto changed = std::make_shared<VirtualService>(*objects.snapshot.virtual_services[kWebKey]);
  changed->meta.generation = 4;
  objects.snapshot.virtual_services[kWebKey] = changed;
  EXPECT_EQ(report_from_objects(objects).problems.at(0).reason, "Stale");
}

}  // namespace
}  // namespace lvs::cli
