#include "operator/cluster_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lvs {
namespace {

VirtualService service(int number) {
  VirtualService object;
  object.meta.key = {"shop", "web-" + std::to_string(number)};
  return object;
}

Listed services(int first, int last) {
  Listed listed{Kind::kVirtualService, {}};
  for (int i = first; i < last; ++i) listed.objects.emplace_back(service(i));
  return listed;
}

Node node(const std::string& name) {
  Node object;
  object.meta.key = {"", name};
  return object;
}

TEST(ClusterView, IsCompleteOnlyAfterEveryKind) {
  ClusterView view(false);
  view.apply(services(0, 1));
  view.apply(Listed{Kind::kNode, {}});
  EXPECT_FALSE(view.complete());
  view.apply(Listed{Kind::kRealServer, {}});
  EXPECT_TRUE(view.complete());
}

// It may stand in a kernel, and a plan without it would take it away.
TEST(ClusterView, IsNotCompleteWhileAListedObjectIsUnknown) {
  ClusterView view(false);
  view.apply(Listed{Kind::kNode, {}});
  view.apply(Listed{Kind::kRealServer, {}});
  auto listed = services(0, 2);
  listed.unknown = {service(7).meta.key, service(8).meta.key};
  view.apply(std::move(listed));
  EXPECT_FALSE(view.complete());
  EXPECT_THAT(view.trouble(), testing::HasSubstr("VirtualService shop/web-7"));
  view.apply(Put{service(7)});
  EXPECT_FALSE(view.complete());
  view.apply(Deleted{Kind::kVirtualService, service(8).meta.key});
  EXPECT_TRUE(view.complete());
  EXPECT_EQ(view.trouble(), "");
}

RealServer forced_server(const std::string& to, const std::string& until) {
  RealServer object;
  object.meta.key = {"shop", "rs-1"};
  object.meta.annotations = {{kForceAnnotation, to}};
  if (!until.empty()) object.meta.annotations[kForceUntilAnnotation] = until;
  return object;
}

TEST(ClusterView, WhatIsForcedBeginsAndEndsByTheClock) {
  const WallTime six{std::chrono::seconds(1'795'370'400)};
  ClusterView view(false);
  view.apply(Put{forced_server("down", "2026-11-22T18:00:00Z")});
  (void)view.take_delta();
  view.pass_time(six - std::chrono::seconds(1));
  EXPECT_EQ(view.snapshot().forced.size(), 1U);
  EXPECT_EQ(view.take_delta().real_servers.size(), 1U);
  view.pass_time(six - std::chrono::seconds(1));
  EXPECT_TRUE(view.take_delta().empty()) << "once is enough";
  view.pass_time(six);
  EXPECT_TRUE(view.snapshot().forced.empty());
  EXPECT_EQ(view.take_delta().real_servers.size(), 1U);
}

TEST(ClusterView, WhatIsForcedEndsWithItsAnnotation) {
  ClusterView view(false);
  view.apply(Put{forced_server("up", "")});
  view.pass_time({});
  EXPECT_TRUE(view.snapshot().forced.at({"shop", "rs-1"}).up);
  view.apply(Put{forced_server("sideways", "")});
  view.pass_time({});
  EXPECT_TRUE(view.snapshot().forced.empty());
}

TEST(ClusterView, DeltaNamesWhatChangedAndNothingElse) {
  ClusterView view(false);
  view.apply(services(0, 3));
  EXPECT_EQ(view.take_delta().virtual_services.size(), 3U);
  auto changed = service(1);
  changed.spec.paused = true;
  view.apply(Put{changed});
  view.apply(Put{service(2)});
  EXPECT_EQ(view.take_delta().virtual_services, std::set<ObjectKey>{changed.meta.key});
  EXPECT_TRUE(view.take_delta().empty());
}

TEST(ClusterView, AListDeletesWhatItLacks) {
  ClusterView view(false);
  view.apply(services(0, 30));
  view.apply(services(0, 16));  // 14 of 30: not the most of them
  EXPECT_EQ(view.snapshot().virtual_services.size(), 16U);
  EXPECT_TRUE(view.held().empty());
}

TEST(ClusterView, FewAreNeverHeld) {
  ClusterView view(false);
  view.apply(services(0, 9));
  view.apply(services(0, 0));
  EXPECT_TRUE(view.snapshot().virtual_services.empty());
}

// An API server that was emptied or restored has not seen anybody delete anything.
TEST(ClusterView, AListFromThePastDeletesNothing) {
  ClusterView view(false);
  view.apply(services(0, 3));
  auto past = services(0, 1);
  past.went_back = true;
  view.apply(std::move(past));
  EXPECT_EQ(view.snapshot().virtual_services.size(), 3U);
  EXPECT_EQ(view.held().size(), 2U);
  view.apply(services(0, 2));
  EXPECT_EQ(view.held().size(), 1U);
  EXPECT_EQ(view.snapshot().virtual_services.size(), 3U);
  view.apply(services(0, 3));
  EXPECT_TRUE(view.held().empty());
}

TEST(ClusterView, AListWithoutMostOfThemIsHeld) {
  ClusterView view(false);
  view.apply(services(0, 12));
  (void)view.take_delta();
  view.apply(services(0, 1));
  EXPECT_EQ(view.snapshot().virtual_services.size(), 12U);
  EXPECT_EQ(view.held().size(), 11U);
  EXPECT_TRUE(view.take_delta().empty());
  // They come back: nothing has happened.
  view.apply(services(0, 12));
  EXPECT_TRUE(view.held().empty());
}

TEST(ClusterView, WhatIsHeldStaysHeldWhateverElseComes) {
  ClusterView view(false);
  view.apply(services(0, 20));
  view.apply(services(11, 20));
  ASSERT_EQ(view.held().size(), 11U);
  // With five more, the missing ones are less than half of all.
  for (int i = 20; i < 25; ++i) view.apply(Put{service(i)});
  view.apply(services(11, 25));
  EXPECT_EQ(view.snapshot().virtual_services.size(), 25U);
  EXPECT_EQ(view.held().size(), 11U);
  // One more goes; what is held does not go with it.
  view.apply(services(12, 25));
  EXPECT_EQ(view.snapshot().virtual_services.size(), 24U);
  EXPECT_EQ(view.held().size(), 11U);
}

TEST(ClusterView, RealServersAreHeldAlikeAndNodesNever) {
  ClusterView view(false);
  Listed servers{Kind::kRealServer, {}};
  Listed nodes{Kind::kNode, {}};
  for (int i = 0; i < 12; ++i) {
    RealServer server;
    server.meta.key = {"shop", "server-" + std::to_string(i)};
    servers.objects.emplace_back(server);
    nodes.objects.emplace_back(node("node-" + std::to_string(i)));
  }
  view.apply(servers);
  view.apply(nodes);
  view.apply(Listed{Kind::kRealServer, {}});
  view.apply(Listed{Kind::kNode, {}});
  EXPECT_EQ(view.snapshot().real_servers.size(), 12U);
  EXPECT_EQ(view.held().size(), 12U);
  EXPECT_TRUE(view.snapshot().nodes.empty());
}

TEST(ClusterView, AHeldObjectGoesWhenItsDeletionIsSeen) {
  ClusterView view(false);
  view.apply(services(0, 12));
  view.apply(services(0, 1));
  view.apply(Deleted{Kind::kVirtualService, service(5).meta.key});
  EXPECT_EQ(view.snapshot().virtual_services.size(), 11U);
  EXPECT_EQ(view.held().size(), 10U);
}

TEST(ClusterView, SeenDeletionsAreNeverHeld) {
  ClusterView view(false);
  view.apply(services(0, 12));
  for (int i = 0; i < 12; ++i) view.apply(Deleted{Kind::kVirtualService, service(i).meta.key});
  EXPECT_TRUE(view.snapshot().virtual_services.empty());
}

TEST(ClusterView, TheAdministratorMayMeanIt) {
  ClusterView view(true);
  view.apply(services(0, 12));
  view.apply(services(0, 0));
  EXPECT_TRUE(view.snapshot().virtual_services.empty());
}

TEST(ClusterView, ReportsAndReachability) {
  ClusterView view(false);
  view.apply(Listed{Kind::kNode, {node("a")}});
  (void)view.take_delta();
  NodeStatus status;
  status.node = "a";
  view.report("a", status);
  view.set_reachable("a", true);
  EXPECT_EQ(view.take_delta().reports, std::set<std::string>{"a"});
  view.report("a", status);
  EXPECT_TRUE(view.take_delta().empty()) << "the same again";
  view.set_reachable("a", false);
  EXPECT_EQ(view.take_delta().reports, std::set<std::string>{"a"});
  EXPECT_TRUE(view.snapshot().unreachable.contains("a"));
  view.apply(Deleted{Kind::kNode, {"", "a"}});
  EXPECT_TRUE(view.snapshot().reports.empty());
  EXPECT_TRUE(view.snapshot().unreachable.empty());
  view.report("a", status);
  view.set_reachable("a", false);
  EXPECT_TRUE(view.snapshot().reports.empty()) << "it came too late";
  EXPECT_TRUE(view.snapshot().unreachable.empty());
}

}  // namespace
}  // namespace lvs
