// The operator's loop with scripted agents: what is pushed, to whom, and what never is.
#include "operator/loop.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "eventually.h"
#include "scripted_agents.h"

namespace lvs {
namespace {

using testing::ElementsAre;
using Mood = ScriptedAgent::Mood;

IpAddress ip(const std::string& text) { return IpAddress::parse(text).value(); }

Node make_node(const std::string& name, const std::string& address, bool director) {
  Node object;
  object.meta.key = {"", name};
  if (director) object.meta.labels[kDirectorLabel] = "true";
  object.internal_ips = {ip(address)};
  return object;
}

RealServer make_server(int number, std::uint32_t weight = 1) {
  RealServer object;
  object.meta.key = {"shop", "server-" + std::to_string(number)};
  object.meta.labels["app"] = "web";
  object.spec.address = ip("192.0.2." + std::to_string(20 + number));
  object.spec.weight = weight;
  return object;
}

VirtualService make_service(int number) {
  VirtualService object;
  object.meta.key = {"shop", "web-" + std::to_string(number)};
  object.spec.vips = {ip("192.0.2.100")};
  object.spec.ports = {{"http", Protocol::kTcp, static_cast<std::uint16_t>(80 + number), {}, {}}};
  object.spec.real_server_selector.match_labels["app"] = "web";
  return object;
}

class CountingSink final : public StatusSink {
 public:
  void write(const ObjectKey&, const VirtualServiceStatus&) override { ++writes; }
  void write(const ObjectKey&, const RealServerStatus&) override { ++writes; }
  void tell(const ObjectEvent&) override {}
  void forget(Kind, const ObjectKey&) override {}
  std::atomic<int> writes{0};
};

class LoopTest : public testing::Test {
 protected:
  ~LoopTest() override { end(); }

  void start(bool accept_mass_deletion = false, const std::string& only_node = "") {
    LoopOptions options;
    options.accept_mass_deletion = accept_mass_deletion;
    options.fleet.only_node = only_node;
    options.fleet.pace.poll = {Duration(5), Duration(50)};
    options.status_interval = Duration(20);
    loop_ = std::make_unique<OperatorLoop>(options, agents.dialer(), status, clock_, metrics_);
    thread_ = std::thread([this] { loop_->run(); });
  }
  void end() {
    if (!loop_) return;
    loop_->stop();
    thread_.join();
    loop_.reset();
  }
  void post(OperatorEvent event) { loop_->post(std::move(event)); }
  void post_nodes() {
    post(Listed{Kind::kNode,
                {make_node("director-1", "192.0.2.10", true),
                 make_node("director-2", "192.0.2.11", true)}});
  }
  void post_servers() { post(Listed{Kind::kRealServer, {make_server(1), make_server(2)}}); }
  void post_services(int count) {
    Listed listed{Kind::kVirtualService, {}};
    for (int i = 0; i < count; ++i) listed.objects.emplace_back(make_service(i));
    post(std::move(listed));
  }
  void start_with_everything(int services = 1) {
    start();
    post_nodes();
    post_servers();
    post_services(services);
    ASSERT_TRUE(
        eventually([&] { return has_services(one, services) && has_services(two, services); }));
    ASSERT_TRUE(eventually([&] { return is_quiet(); }));
  }
  // What followed from the first pushes, such as reports, has been taken into account.
  bool is_quiet() {
    const auto pushes = one.pushes().size() + two.pushes().size();
    return stays([&] { return one.pushes().size() + two.pushes().size() == pushes; });
  }
  static bool has_services(const ScriptedAgent& agent, int count) {
    return agent.plan().services.size() == static_cast<std::size_t>(count);
  }

  ScriptedAgents agents;
  ScriptedAgent& one = agents["director-1"];
  ScriptedAgent& two = agents["director-2"];
  CountingSink status;

 private:
  MetricsRegistry registry_;
  OperatorMetrics metrics_{registry_};
  SystemClock clock_;
  std::unique_ptr<OperatorLoop> loop_;
  std::thread thread_;
};

TEST_F(LoopTest, NoDeleteFromIgnorance) {
  NodePlan stored;
  stored.node = "director-1";
  stored.services[{ip("192.0.2.100"), Protocol::kTcp, 80, 0}] =
      std::make_shared<const PlannedService>();
  one.store(stored);
  start();
  post_nodes();
  post_servers();
  EXPECT_TRUE(stays([&] { return one.pushes().empty() && two.pushes().empty(); }))
      << "VirtualServices have not been listed";
  post_services(1);
  EXPECT_TRUE(eventually([&] { return !one.pushes().empty() && !two.pushes().empty(); }));
}

TEST_F(LoopTest, NothingIsPushedWhileAListedObjectIsUnknown) {
  start();
  post_nodes();
  post_servers();
  Listed listed{Kind::kVirtualService, {make_service(0)}};
  listed.unknown = {make_service(1).meta.key};
  post(std::move(listed));
  EXPECT_TRUE(stays([&] { return one.pushes().empty(); }));
  post(Put{make_service(1)});
  EXPECT_TRUE(eventually([&] { return has_services(one, 2); }));
}

TEST_F(LoopTest, AChangeIsOnePatch) {
  start_with_everything();
  const auto pushes = one.pushes().size();
  post(Put{make_server(1, 7)});
  ASSERT_TRUE(eventually([&] { return one.pushes().size() > pushes; }));
  EXPECT_EQ(one.pushes().back(), "PATCH");
  EXPECT_EQ(one.last_patch_edits(), 1U);
  EXPECT_EQ(one.plan().services.begin()->second->destinations.at(0).config.weight, 7U);
}

TEST_F(LoopTest, ChangesArriveInTheirOrder) {
  start_with_everything();
  for (std::uint32_t weight = 1; weight <= 200; ++weight) post(Put{make_server(1, weight)});
  EXPECT_TRUE(eventually([&] {
    return one.plan().services.begin()->second->destinations.at(0).config.weight == 200;
  }));
  EXPECT_TRUE(eventually([&] { return hash_of(one.plan()) != ContentHash{}; }));
  for (const auto& push : one.pushes()) EXPECT_TRUE(push == "PUT" || push == "PATCH") << push;
}

TEST_F(LoopTest, AgentThatLostItsPlanGetsItBack) {
  start_with_everything();
  one.lose_plan();
  ASSERT_TRUE(eventually([&] { return one.has_plan(); }));
  EXPECT_EQ(one.pushes().back(), "PUT");
}

TEST_F(LoopTest, RefusedPatchIsFollowedByTheWholePlan) {
  start_with_everything();
  NodePlan other = one.plan();
  other.withdrawn.insert({"shop", "something"});
  one.store(other);  // behind the operator's back: no report
  post(Put{make_server(1, 9)});
  EXPECT_TRUE(eventually([&] {
    const auto pushes = one.pushes();
    return pushes.size() > 2 && pushes.back() == "PUT" && pushes.end()[-2] == "PATCH 412";
  })) << testing::PrintToString(one.pushes());
}

TEST_F(LoopTest, DeadAgentDelaysNobody) {
  one.set_mood(Mood::kHanging);
  start();
  post_nodes();
  post_servers();
  post_services(1);
  ASSERT_TRUE(eventually([&] { return has_services(two, 1); }));
  EXPECT_TRUE(one.pushes().empty());
  one.set_mood(Mood::kWell);
  EXPECT_TRUE(eventually([&] { return has_services(one, 1); }));
}

TEST_F(LoopTest, AgentThatComesBackCatchesUp) {
  start_with_everything();
  one.set_mood(Mood::kRefusing);
  post(Put{make_server(1, 5)});
  ASSERT_TRUE(eventually(
      [&] { return two.plan().services.begin()->second->destinations.at(0).config.weight == 5; }));
  one.set_mood(Mood::kWell);
  EXPECT_TRUE(eventually(
      [&] { return one.plan().services.begin()->second->destinations.at(0).config.weight == 5; }));
}

TEST_F(LoopTest, RestartedOperatorSendsNothingWhereAllIsRight) {
  start_with_everything();
  end();
  const auto first = one.pushes();
  start();
  post_nodes();
  post_servers();
  post_services(1);
  EXPECT_TRUE(stays([&] { return one.pushes() == first; }));
}

TEST_F(LoopTest, MassDeletionByAListIsHeld) {
  start_with_everything(12);
  post_services(1);
  EXPECT_TRUE(stays([&] { return has_services(one, 12); }));
  post(Put{make_server(1, 5)});
  ASSERT_TRUE(eventually([&] { return one.pushes().back() == "PATCH"; }));
  EXPECT_TRUE(has_services(one, 12)) << "other changes go on";
}

TEST_F(LoopTest, MassDeletionThatIsMeantGoesThrough) {
  start(true);
  post_nodes();
  post_servers();
  post_services(12);
  ASSERT_TRUE(eventually([&] { return has_services(one, 12); }));
  post_services(1);
  EXPECT_TRUE(eventually([&] { return has_services(one, 1); }));
}

TEST_F(LoopTest, DeletionsThatWereSeenGoThrough) {
  start_with_everything(12);
  for (int i = 0; i < 12; ++i) post(Deleted{Kind::kVirtualService, make_service(i).meta.key});
  EXPECT_TRUE(eventually([&] { return has_services(one, 0); }));
  EXPECT_FALSE(one.plan().withdrawn.empty()) << "the agent must know that it is meant";
}

TEST_F(LoopTest, TroubleDeletesNothing) {
  start_with_everything(2);
  post(Trouble{"kubernetes:VirtualService", "connection refused"});
  EXPECT_TRUE(stays([&] { return has_services(one, 2); }));
}

TEST_F(LoopTest, StatusIsWrittenWhenItChangesAndNotAgain) {
  start_with_everything();
  ASSERT_TRUE(eventually([&] { return status.writes > 0; }));
  ASSERT_TRUE(stays([] { return true; }));
  const int written = status.writes;
  post_services(1);
  EXPECT_TRUE(stays([&] { return status.writes == written; }));
}

// --nodes=self: whether a server is prepared is known only to its own agent.
TEST_F(LoopTest, OneNodeAloneIsPushedToAndAllAreListenedTo) {
  start(false, "director-1");
  post(Listed{
      Kind::kNode,
      {make_node("director-1", "192.0.2.10", true), make_node("director-2", "192.0.2.11", true),
       make_node("server-1", "192.0.2.21", false)}});
  auto server = make_server(1);
  server.spec.node_name = "server-1";
  post(Listed{Kind::kRealServer, {server}});
  post_services(1);
  const auto admission = [this] {
    const auto plan = agents["director-1"].plan();
    if (plan.services.empty()) return Admission::kKeep;
    return plan.services.begin()->second->destinations.front().admission;
  };
  EXPECT_TRUE(eventually([&] { return admission() == Admission::kHold; }));
  NodePlan own;  // the server's operator, on its own machine, has pushed this
  own.node = "server-1";
  own.backends[ip("192.0.2.100")] = {ip("192.0.2.21"), ForwardingMethod::kDirectRouting};
  agents["server-1"].store(own);
  EXPECT_TRUE(eventually([&] { return admission() == Admission::kAdmit; }));
  EXPECT_FALSE(agents["director-2"].has_plan());
  EXPECT_THAT(agents["server-1"].pushes(), testing::IsEmpty());
}

TEST_F(LoopTest, EndsAtOnceWhileAgentsHang) {
  one.set_mood(Mood::kHanging);
  two.set_mood(Mood::kHanging);
  start();
  post_nodes();
  ASSERT_TRUE(stays([] { return true; }));
  const auto started = std::chrono::steady_clock::now();
  end();
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(20));
}

}  // namespace
}  // namespace lvs
