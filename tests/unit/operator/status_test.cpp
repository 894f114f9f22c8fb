#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "operator/status/conditions.h"
#include "operator/status/status_book.h"

namespace lvs {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

const WallTime kThen{std::chrono::seconds(1'000'000)};
const WallTime kLater{std::chrono::seconds(2'000'000)};

IpAddress ip(const char* text) { return IpAddress::parse(text).value(); }

std::shared_ptr<const Node> node(const std::string& name, const char* address, bool director) {
  Node object;
  object.meta.key = {"", name};
  if (director) object.meta.labels[kDirectorLabel] = "true";
  object.internal_ips = {ip(address)};
  return std::make_shared<const Node>(object);
}

class Recorder final : public StatusSink {
 public:
  void write(const ObjectKey& key, const VirtualServiceStatus&) override {
    written.push_back(to_string(key));
  }
  void write(const ObjectKey& key, const RealServerStatus&) override {
    written.push_back(to_string(key));
  }
  void tell(const ObjectEvent& event) override { told.push_back(event); }
  void forget(Kind, const ObjectKey& key) override { forgotten.push_back(to_string(key)); }
  std::vector<ObjectEvent> told;
  std::vector<std::string> written;
  std::vector<std::string> forgotten;
};

// One director, one real server, one VirtualService.
class StatusTest : public testing::Test {
 protected:
  StatusTest() {
    cluster.nodes[{"", "director-1"}] = node("director-1", "192.0.2.10", true);
    cluster.nodes[{"", "server-1"}] = node("server-1", "192.0.2.21", false);
    RealServer server;
    server.meta.key = {"shop", "server-1"};
    server.meta.labels["app"] = "web";
    server.spec.node_name = "server-1";
    server.spec.weight = 3;
    put(server);
    VirtualService service;
    service.meta.key = {"shop", "web"};
    service.meta.generation = 1;
    service.spec.vips = {ip("192.0.2.100")};
    service.spec.ports = {{"http", Protocol::kTcp, 80, {}, {}}};
    service.spec.real_server_selector.match_labels["app"] = "web";
    put(service);
  }

  void put(const RealServer& object) {
    cluster.real_servers[object.meta.key] = std::make_shared<const RealServer>(object);
    (void)planner.update(cluster, {{}, {object.meta.key}, {}, {}});
  }
  void put(const VirtualService& object) {
    cluster.virtual_services[object.meta.key] = std::make_shared<const VirtualService>(object);
    (void)planner.update(cluster, {{object.meta.key}, {}, {}, {}});
  }
  void report(NodeStatus status) {
    const auto name = status.node;
    cluster.reports[name] = std::make_shared<const NodeStatus>(std::move(status));
    (void)planner.update(cluster, {{}, {}, {}, {name}});
  }
  // The agent follows its plan, as planned last.
  NodeStatus following(const std::string& name) {
    NodeStatus status;
    status.node = name;
    status.has_plan = true;
    status.stored_plan = status.applied_plan = planner.plans().at(name).hash();
    return status;
  }
  void all_is_well() {
    auto server = following("server-1");
    server.backends = {{ip("192.0.2.100"), true, "", "", ip("192.0.2.21")}};
    report(server);
    report(director());
    report(director());  // its plan has changed with the server's report
  }
  NodeStatus director() {
    auto status = following("director-1");
    status.vips = {{ip("192.0.2.100"), "eth1", true, true, 4, "", ""}};
    return status;
  }

  VirtualServiceStatus service_status(const VirtualServiceStatus* before = nullptr,
                                      WallTime now = kThen) {
    return build_status({cluster, planner, now}, *cluster.virtual_services.begin()->second, before);
  }
  RealServerStatus server_status() {
    return build_status({cluster, planner, kThen}, *cluster.real_servers.begin()->second, nullptr);
  }
  template <typename Status>
  static Condition condition(const Status& status, const char* type) {
    return *find_condition(&status.conditions, type);
  }

  ClusterSnapshot cluster;
  Planner planner{PlannerOptions{1, false}};
};

TEST_F(StatusTest, WhatIsLeftOfADrainedServersConnectionsIsCounted) {
  RealServer server = *cluster.real_servers.begin()->second;
  server.spec.drain = true;
  put(server);
  all_is_well();
  const ServiceKey web{ip("192.0.2.100"), Protocol::kTcp, 80, 0};
  auto holder = director();
  holder.draining = {{web, {ip("192.0.2.21"), 80}, {7, 2, 0}}};
  report(holder);
  const auto status = server_status();
  EXPECT_EQ(status.state_text, "Draining");
  EXPECT_EQ(status.active, 7U);
  EXPECT_EQ(status.services.at(0).left, (ConnectionsLeft{7, 2}));
  report(director());
  EXPECT_EQ(server_status().active, 0U);
}

TEST_F(StatusTest, AllIsWell) {
  all_is_well();
  const auto status = service_status();
  EXPECT_EQ(condition(status, "Accepted").status, "True");
  EXPECT_EQ(condition(status, "Programmed").status, "True")
      << condition(status, "Programmed").message;
  EXPECT_EQ(condition(status, "Ready").status, "True") << condition(status, "Ready").message;
  EXPECT_EQ(status.vips_text, "192.0.2.100");
  EXPECT_EQ(status.ports_text, "80/TCP");
  EXPECT_EQ(status.holder_text, "director-1");
  EXPECT_EQ(status.ready_text, "1/1");
  EXPECT_EQ(status.vips[0].term, 4U);
  const auto server = server_status();
  EXPECT_EQ(condition(server, "Prepared").status, "True");
  EXPECT_EQ(server.state_text, "Serving");
  EXPECT_EQ(server.services_text, "web:80");
  EXPECT_EQ(server.address_text, "192.0.2.21");
  EXPECT_EQ(server.services.at(0).weight, 3U);
}

TEST_F(StatusTest, SilentAgentIsUnknownNotFalse) {
  const auto status = service_status();
  EXPECT_EQ(condition(status, "Programmed").status, "Unknown");
  EXPECT_EQ(condition(status, "Programmed").reason, "AgentUnreachable");
  EXPECT_EQ(status.holder_text, "none");
  EXPECT_EQ(condition(server_status(), "Prepared").status, "Unknown");
}

TEST_F(StatusTest, KernelsRefusalReachesTheService) {
  auto status = director();
  status.problems = {{"TCP 192.0.2.100:80", "SchedulerUnavailable", "load ip_vs_wrr"},
                     {"TCP 192.0.2.100:8080", "Other", "not ours"}};
  report(status);
  const auto programmed = condition(service_status(), "Programmed");
  EXPECT_EQ(programmed.status, "False");
  EXPECT_EQ(programmed.reason, "SchedulerUnavailable");
  EXPECT_THAT(programmed.message, HasSubstr("director-1: TCP 192.0.2.100:80: load ip_vs_wrr"));
  const auto accepted = condition(service_status(), "Accepted");
  EXPECT_EQ(accepted.status, "False");
  EXPECT_EQ(accepted.reason, "SchedulerUnavailable");
  EXPECT_EQ(accepted.message,
            "spec.scheduler.name: director-1: TCP 192.0.2.100:80: load ip_vs_wrr");
}

TEST_F(StatusTest, APlanThatIsNotStoredIsToldByTheService) {
  all_is_well();
  auto stale = director();
  stale.applied_plan = {1, 1};
  report(stale);
  const PushErrors errors{{"director-1", {ErrorCode::kIo, "no space left on device"}}};
  const auto before = service_status();
  const auto status = build_status({cluster, planner, kThen, errors},
                                   *cluster.virtual_services.begin()->second, &before);
  EXPECT_EQ(condition(status, "Programmed").reason, "PushFailed");
  EXPECT_THAT(condition(status, "Programmed").message,
              HasSubstr("director-1: plan: no space left on device"));
}

TEST_F(StatusTest, AServerThatIsPreparedAtAnotherAddressSaysSo) {
  all_is_well();
  auto server = following("server-1");
  server.backends = {{ip("192.0.2.100"), true, "", "", ip("192.0.2.99")}};
  report(server);
  const auto prepared = condition(server_status(), "Prepared");
  EXPECT_EQ(prepared.status, "False");
  EXPECT_THAT(prepared.message, HasSubstr("not prepared for 192.0.2.21 yet, but for 192.0.2.99"));
}

TEST_F(StatusTest, ATroubledNodeIsToldByItsServers) {
  auto troubled = *node("server-1", "192.0.2.21", false);
  troubled.meta.annotations[kAgentPortAnnotation] = "many";
  cluster.nodes[{"", "server-1"}] = std::make_shared<const Node>(troubled);
  EXPECT_EQ(planner.update(cluster, {{}, {}, {"server-1"}, {}}).nodes,
            std::set<std::string>{"server-1"});
  EXPECT_EQ(condition(server_status(), "Prepared").reason, "AgentUnreachable");
  EXPECT_THAT(condition(server_status(), "Prepared").message,
              HasSubstr("Node server-1: metadata.annotations"));
}

TEST_F(StatusTest, WhatIsNoFaultOfTheSpecLeavesItAccepted) {
  auto status = director();
  status.problems = {{"TCP 192.0.2.100:80", "KernelRefused", "no memory"}};
  report(status);
  EXPECT_EQ(condition(service_status(), "Programmed").reason, "KernelRefused");
  EXPECT_EQ(condition(service_status(), "Accepted").status, "True");
}

TEST_F(StatusTest, UnpreparedServerIsNotReadyAndSaysWhy) {
  auto server = following("server-1");
  server.backends = {{ip("192.0.2.100"), false, "WrongArpSetting", "set arp_ignore to 1"}};
  report(server);
  report(director());
  report(director());
  EXPECT_EQ(service_status().ready_text, "0/1");
  EXPECT_EQ(condition(service_status(), "Ready").reason, "NoReadyRealServer");
  const auto prepared = condition(server_status(), "Prepared");
  EXPECT_EQ(prepared.reason, "WrongArpSetting");
  EXPECT_EQ(server_status().state_text, "Preparing");
}

TEST_F(StatusTest, TimesMoveOnlyWhenTheStatusDoes) {
  all_is_well();
  const auto before = service_status();
  const auto same = service_status(&before, kLater);
  EXPECT_EQ(same, before);
  cluster.unreachable.insert("director-1");
  const auto after = service_status(&before, kLater);
  EXPECT_EQ(condition(after, "Accepted").last_transition, to_rfc3339(kThen));
  EXPECT_EQ(condition(after, "Programmed").last_transition, to_rfc3339(kLater));
  EXPECT_EQ(after.vips[0].holder, "director-1") << "the last report stands";
}

TEST_F(StatusTest, HolderThatMovesIsRemembered) {
  all_is_well();
  const auto before = service_status();
  auto status = director();
  status.vips[0].holder = false;
  report(status);
  const auto after = service_status(&before, kLater);
  EXPECT_THAT(after.vips[0].holder, IsEmpty());
  EXPECT_EQ(after.vips[0].previous_holder, "director-1");
  EXPECT_EQ(after.vips[0].since, to_rfc3339(kLater));
  EXPECT_EQ(condition(after, "Ready").reason, "NoHolder");
}

TEST_F(StatusTest, AnotherServicesChangeDoesNotFlap) {
  all_is_well();
  const auto before = service_status();
  auto stale = director();
  stale.applied_plan = {1, 1};
  report(stale);
  EXPECT_EQ(condition(service_status(&before, kLater), "Programmed").status, "True");
  EXPECT_EQ(condition(service_status(), "Programmed").reason, "Pending") << "never programmed";
}

TEST_F(StatusTest, RefusedServiceSaysSoEverywhere) {
  auto service = *cluster.virtual_services.begin()->second;
  service.spec.vips = {ip("192.0.2.10")};  // the director's own address
  put(service);
  const auto status = service_status();
  EXPECT_EQ(condition(status, "Accepted").status, "False");
  EXPECT_EQ(condition(status, "Accepted").reason, "VIPIsNodeAddress");
  EXPECT_EQ(condition(status, "Programmed").reason, "NotAccepted");
}

TEST_F(StatusTest, PausedServiceGoesOnServing) {
  all_is_well();
  auto service = *cluster.virtual_services.begin()->second;
  service.spec.paused = true;
  put(service);
  EXPECT_EQ(condition(service_status(), "Programmed").reason, "Paused");
  EXPECT_EQ(condition(service_status(), "Ready").status, "True");
}

TEST_F(StatusTest, BookWritesOnlyChanges) {
  Recorder recorder;
  StatusBook book(recorder);
  const ObjectKey web{"shop", "web"};
  all_is_well();
  book.touch({{web}, {}, {}, {}}, {});
  book.update({cluster, planner, kThen}, 100);
  EXPECT_EQ(recorder.written.size(), 1U);
  book.touch({{web}, {}, {}, {}}, {});
  book.update({cluster, planner, kLater}, 100);
  EXPECT_EQ(recorder.written.size(), 1U);
  cluster.virtual_services.erase(web);
  book.touch({{web}, {}, {}, {}}, {});
  book.update({cluster, planner, kLater}, 100);
  EXPECT_EQ(recorder.forgotten, std::vector<std::string>{"shop/web"});
}

TEST_F(StatusTest, BookDoesNotRepeatWhatAnEarlierOperatorWrote) {
  all_is_well();
  Recorder recorder;
  StatusBook book(recorder);
  book.remember({"shop", "web"}, service_status());
  book.touch({{{"shop", "web"}}, {}, {}, {}}, {});
  book.update({cluster, planner, kLater}, 100);
  EXPECT_THAT(recorder.written, IsEmpty());
}

TEST_F(StatusTest, ReportTouchesOnlyWhatItChanges) {
  Recorder recorder;
  StatusBook book(recorder);
  all_is_well();
  const StatusSources sources{cluster, planner, kThen};
  book.touch_report(sources, "director-1");
  EXPECT_TRUE(book.dirty()) << "the first one may change everything";
  book.update(sources, 100);
  auto next = director();
  next.stored_plan = {1, 1};
  next.applied_plan = {2, 2};
  report(next);
  book.touch_report(sources, "director-1");
  EXPECT_FALSE(book.dirty()) << "all are programmed, nothing waits for it";
  next.vips[0].term = 5;
  report(next);
  book.touch_report(sources, "director-1");
  EXPECT_TRUE(book.dirty());
}

TEST_F(StatusTest, WhatADirectorFindsOfAServerIsToldByServiceAndServer) {
  Recorder recorder;
  StatusBook book(recorder);
  VirtualService checked = *cluster.virtual_services.begin()->second;
  checked.spec.health_check.emplace().kind = TcpCheck{};
  put(checked);
  all_is_well();
  const StatusSources sources{cluster, planner, kThen};
  const auto hear = [&](const NodeStatus& status) {
    recorder.written.clear();
    report(status);
    book.touch_report(sources, "director-1");
    book.update(sources, 100);
    return recorder.written;
  };
  const std::vector<std::string> both{"shop/web", "shop/server-1"};
  const ServiceKey web{ip("192.0.2.100"), Protocol::kTcp, 80, 0};
  (void)hear(director());
  auto finding = director();
  finding.unhealthy = {{web, ip("192.0.2.21"), "connection refused"}};
  EXPECT_EQ(hear(finding), both);
  ASSERT_EQ(recorder.told.size(), 2U);
  EXPECT_EQ(recorder.told[1].kind, Kind::kRealServer);
  EXPECT_EQ(recorder.told[1].reason, "CheckFailed");
  EXPECT_TRUE(recorder.told[1].warning);
  EXPECT_EQ(hear(director()), both) << "it is well again";
  EXPECT_EQ(recorder.told.back().reason, "CheckPassed");
  auto counting = director();
  counting.draining = {{web, {ip("192.0.2.21"), 80}, {7, 2, 0}}};
  report(counting);
  book.touch_report(sources, "director-1");
  EXPECT_TRUE(book.dirty());
}

TEST_F(StatusTest, StatusIsBuiltInSlices) {
  Recorder recorder;
  StatusBook book(recorder);
  book.touch({{{"shop", "web"}}, {{"shop", "server-1"}}, {}, {}}, {});
  book.update({cluster, planner, kThen}, 1);
  EXPECT_TRUE(book.dirty());
  EXPECT_EQ(recorder.written.size(), 1U);
  book.update({cluster, planner, kThen}, 1);
  EXPECT_FALSE(book.dirty());
  EXPECT_EQ(recorder.written.size(), 2U);
}

}  // namespace
}  // namespace lvs
