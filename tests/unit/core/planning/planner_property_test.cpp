// Planning a snapshot through any series of deltas and planning it at once give the same plans and
// diagnostics; and the edits of the deltas lead to the plans.
//
// Two things are remembered on purpose and so compared otherwise (core/planner.h): deleted
// VirtualServices, and how long a backend is held that nothing wants any more. Of backends is asked
// that a node has all that are wanted of it, and besides only such as it reports to have.
#include <cstdlib>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/planner.h"
#include "support/cluster.h"

namespace lvs {
namespace {

using testing::Cluster;
using testing::ip;

class RandomCluster {
 public:
  explicit RandomCluster(unsigned seed) : random_(seed) {}

  void change(const Planner& planner) {
    const auto kind = pick(100);
    if (kind < 25) return change_service();
    if (kind < 55) return change_server();
    if (kind < 65) return change_node();
    change_report(planner);
  }
  Cluster cluster;

 private:
  int pick(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }
  std::string name(const char* prefix, int count) { return prefix + std::to_string(pick(count)); }

  void change_service() {
    const std::string service = name("vs-", 8);
    if (pick(4) == 0) return cluster.remove_service(service);
    auto object = testing::virtual_service(service, "192.0.2." + std::to_string(100 + pick(4)),
                                           static_cast<std::uint16_t>(80 + pick(3)));
    object.meta.created = pick(3);
    object.spec.real_server_selector.match_labels = {{"app", name("app-", 3)}};
    if (pick(3) == 0) object.spec.vips.push_back(ip("2001:db8::" + std::to_string(1 + pick(2))));
    if (pick(5) == 0) object.spec.forwarding = ForwardingMethod::kMasquerade;
    if (pick(6) == 0) object.spec.interface = "eth1";
    if (pick(6) == 0) object.spec.directors.preferred = {name("node-", 6)};
    if (pick(6) == 0) object.spec.directors.node_selector.match_labels = {{"rack", "a"}};
    if (pick(8) == 0) object.spec.ports[0].port = 0;  // invalid without persistence
    if (pick(2) == 0) object.spec.persistence.emplace();
    if (pick(6) == 0) {
      object.spec.real_server_selector = {};
      object.spec.real_server_selector.match_expressions = {
          {"app", LabelRequirement::Operator::kNotIn, {name("app-", 3)}}};
    }
    cluster.put(object);
  }

  void change_server() {
    const std::string server = name("rs-", 12);
    if (pick(4) == 0) return cluster.remove_server(server);
    auto object = testing::real_server(server, name("app-", 3), name("node-", 8),
                                       static_cast<std::uint32_t>(pick(5)));
    object.meta.created = pick(3);
    object.spec.drain = pick(5) == 0;
    if (pick(4) == 0) object.spec.address = ip("192.0.2." + std::to_string(50 + pick(4)));
    if (pick(12) == 0) object.spec.address = ip("192.0.2." + std::to_string(100 + pick(4)));
    if (pick(5) == 0) object.spec.node_name.clear();  // invalid without address
    cluster.put(object);
  }

  void change_node() {
    const std::string node = name("node-", 6);
    if (pick(5) == 0) return cluster.remove_node(node);
    auto object = testing::node(node, "192.0.2." + std::to_string(1 + pick(20)), pick(2) == 0);
    if (pick(2) == 0) object.meta.labels["rack"] = "a";
    if (pick(2) == 0) object.internal_ips.push_back(ip("2001:db8::a" + std::to_string(pick(5))));
    cluster.put(object);
  }

  void change_report(const Planner& planner) {
    const std::string node = name("node-", 6);
    if (pick(6) == 0) return cluster.set_reachable(node, pick(2) == 0);
    cluster.report_done(planner, node);
    if (pick(3) != 0) return;
    auto report = *cluster.snapshot().reports.at(node);
    for (auto& backend : report.backends) backend.prepared = pick(2) == 0;
    if (pick(3) == 0) report.applied_plan = {};
    cluster.put(report);
  }

  std::mt19937 random_;
};

// The plan without what a planner remembers.
NodePlan forgetful(const NodePlan& plan) {
  NodePlan copy = plan;
  copy.withdrawn.clear();
  copy.backends.clear();
  return copy;
}

Diagnostics forgetful(const Diagnostics& diagnostics) {
  Diagnostics kept;
  for (const auto& diagnostic : diagnostics) {
    if (diagnostic.reason != "BackendHeld") kept.push_back(diagnostic);
  }
  return kept;
}

// What the node must accept because something wants it: the backends of a planner without reports.
std::map<IpAddress, PlannedBackend> wanted(const Planner& without_reports,
                                           const std::string& name) {
  const auto plan = without_reports.plans().find(name);
  return plan == without_reports.plans().end() ? std::map<IpAddress, PlannedBackend>()
                                               : plan->second.plan().backends;
}

void expect_held_only(const NodePlan& plan, const std::map<IpAddress, PlannedBackend>& wanted,
                      const ClusterSnapshot& snapshot) {
  const auto report = snapshot.reports.find(plan.node);
  for (const auto& [vip, backend] : plan.backends) {
    if (wanted.contains(vip)) continue;
    ASSERT_NE(report, snapshot.reports.end()) << plan.node;
    EXPECT_THAT(report->second->backends,
                ::testing::Contains(::testing::Field(&BackendReport::vip, vip)))
        << plan.node;
  }
}

void expect_same(const Planner& stepwise, const ClusterSnapshot& snapshot) {
  Planner at_once({1, false});
  at_once.update(snapshot, {});
  ClusterSnapshot unreported = snapshot;
  unreported.reports.clear();
  Planner without_reports({1, false});
  without_reports.update(unreported, {});
  ASSERT_EQ(stepwise.plans().size(), at_once.plans().size());
  for (const auto& [name, plan] : stepwise.plans()) {
    ASSERT_TRUE(at_once.plans().contains(name)) << name;
    const NodePlan& other = at_once.plans().at(name).plan();
    EXPECT_TRUE(forgetful(plan.plan()) == forgetful(other)) << name;
    EXPECT_EQ(plan.hash(), hash_of(plan.plan())) << name;
    for (const auto& [vip, backend] : wanted(without_reports, name)) {
      ASSERT_TRUE(plan.plan().backends.contains(vip)) << name;
      EXPECT_EQ(plan.plan().backends.at(vip), backend) << name;
      EXPECT_EQ(other.backends.at(vip), backend) << name;
    }
    expect_held_only(plan.plan(), wanted(without_reports, name), snapshot);
  }
  EXPECT_EQ(forgetful(stepwise.all_diagnostics()), forgetful(at_once.all_diagnostics()));
}

// A follower that sees nothing but the deltas.
class Follower {
 public:
  void follow(const Planner& planner, const PlanningDelta& delta) {
    for (const auto& name : delta.removed_nodes) plans_.erase(name);
    for (const auto& name : delta.new_nodes) plans_[name] = planner.plans().at(name);
    for (const auto& [name, edits] : delta.edits) {
      ASSERT_TRUE(plans_.contains(name)) << name;
      auto& plan = plans_[name];
      const auto& now = planner.plans().at(name);
      const auto done = plan.apply({plan.hash(), now.hash(), now.plan().term, edits});
      ASSERT_TRUE(done) << name << ": " << done.error().message;
    }
    ASSERT_EQ(plans_.size(), planner.plans().size());
    for (const auto& [name, plan] : planner.plans()) {
      EXPECT_TRUE(plans_.at(name).plan() == plan.plan()) << name;
    }
  }

 private:
  std::map<std::string, HashedPlan> plans_;
};

class PlannerProperty : public ::testing::TestWithParam<unsigned> {};

TEST_P(PlannerProperty, TheWayDoesNotMatter) {
  const char* chosen = std::getenv("LVS_TEST_SEED");
  const unsigned seed =
      chosen != nullptr ? static_cast<unsigned>(std::strtoul(chosen, nullptr, 10)) : GetParam();
  SCOPED_TRACE("LVS_TEST_SEED=" + std::to_string(seed));
  RandomCluster random(seed);
  Planner planner({1, false});
  Follower follower;
  for (int step = 0; step < 150; ++step) {
    const unsigned changes = 1 + static_cast<unsigned>(step) % 4;
    for (unsigned i = 0; i < changes; ++i) random.change(planner);
    follower.follow(planner, random.cluster.plan_with(planner));
    if (::testing::Test::HasFatalFailure()) return;
    expect_same(planner, random.cluster.snapshot());
    ASSERT_FALSE(::testing::Test::HasFailure()) << "step " << step;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, PlannerProperty, ::testing::Range(1U, 31U));

}  // namespace
}  // namespace lvs
