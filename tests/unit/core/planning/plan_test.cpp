#include "core/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/cluster.h"

namespace lvs {
namespace {

using ::testing::HasSubstr;
using testing::ip;
using ::testing::IsEmpty;

const ServiceKey kEntry{ip("192.0.2.1"), Protocol::kTcp, 80, 0};

PlannedDestination destination(const std::string& address, std::uint32_t weight) {
  return {{ip(address), 80}, {ForwardingMethod::kDirectRouting, weight, 0, 0}, Admission::kAdmit};
}

PlannedServiceHeader header(const std::string& scheduler) {
  return {{"shop", "web"}, {scheduler, 0, 0, 0}, Duration(60'000)};
}

NodePlan make_plan() {
  NodePlan plan;
  plan.node = "director-1";
  plan.term = 3;
  plan.vips[ip("192.0.2.1")] = {"eth0", {"director-1", "director-2"}};
  plan.services[kEntry] = std::make_shared<const PlannedService>(
      PlannedService{header("wrr"), {destination("192.0.2.7", 3), destination("192.0.2.8", 2)}});
  plan.backends[ip("192.0.2.9")] = {ip("192.0.2.10"), ForwardingMethod::kTunnel};
  plan.withdrawn.insert({"shop", "old"});
  return plan;
}

PlanPatch patch_of(const HashedPlan& from, const NodePlan& to) {
  return {from.hash(), hash_of(to), to.term, diff_plans(from.plan(), to)};
}

TEST(PlanHash, DoesNotDependOnTheWayThere) {
  HashedPlan built((NodePlan()));
  NodePlan empty;
  empty.node = "director-1";
  built = HashedPlan(empty);
  built.apply_edits(diff_plans(empty, make_plan()));
  EXPECT_EQ(built.hash(), hash_of(make_plan()));
}

TEST(PlanHash, IsAnotherForEveryEntry) {
  const ContentHash whole = hash_of(make_plan());
  const auto without = [](auto change) {
    NodePlan plan = make_plan();
    change(plan);
    return hash_of(plan);
  };
  EXPECT_NE(whole, without([](auto& p) { p.node = "director-2"; }));
  EXPECT_NE(whole, without([](auto& p) { p.vips.clear(); }));
  EXPECT_NE(whole, without([](auto& p) { p.services.clear(); }));
  EXPECT_NE(whole, without([](auto& p) { p.backends.clear(); }));
  EXPECT_NE(whole, without([](auto& p) { p.withdrawn.clear(); }));
  EXPECT_NE(whole, without([](auto& p) { p.accept_mass_deletion = true; }));
  EXPECT_EQ(whole, without([](auto& p) { p.term = 4; }));
}

TEST(PlanDiff, OfEqualPlansIsEmpty) {
  EXPECT_THAT(diff_plans(make_plan(), make_plan()), IsEmpty());
}

TEST(PlanDiff, NamesOnlyTheDestinationThatChanged) {
  NodePlan after = make_plan();
  after.services[kEntry] = std::make_shared<const PlannedService>(
      PlannedService{header("wrr"), {destination("192.0.2.7", 3), destination("192.0.2.8", 5)}});
  EXPECT_THAT(diff_plans(make_plan(), after),
              ::testing::ElementsAre(PutDestination{kEntry, destination("192.0.2.8", 5)}));
}

TEST(PlanPatch, LeadsToThePlanAndItsHash) {
  HashedPlan plan(make_plan());
  NodePlan after = make_plan();
  after.term = 4;
  after.services[kEntry] = std::make_shared<const PlannedService>(
      PlannedService{header("mh"), {destination("192.0.2.8", 2), destination("192.0.2.9", 1)}});
  after.backends.clear();
  after.withdrawn = {{"shop", "older"}};
  const auto touched = plan.apply(patch_of(plan, after));
  ASSERT_TRUE(touched) << touched.error().message;
  EXPECT_TRUE(plan.plan() == after);
  EXPECT_EQ(plan.hash(), hash_of(after));
  EXPECT_THAT(touched->services, ::testing::ElementsAre(kEntry));
  EXPECT_TRUE(touched->network);
}

TEST(PlanPatch, ForAnotherPlanIsAConflict) {
  HashedPlan plan(make_plan());
  PlanPatch patch = patch_of(plan, make_plan());
  patch.from.low += 1;
  EXPECT_EQ(plan.apply(patch).error().code, ErrorCode::kConflict);
}

TEST(PlanPatch, ThatLeadsElsewhereChangesNothing) {
  HashedPlan plan(make_plan());
  PlanPatch patch = patch_of(plan, make_plan());
  patch.edits.emplace_back(PutWithdrawn{{"shop", "another"}});
  EXPECT_EQ(plan.apply(patch).error().code, ErrorCode::kConflict);
  EXPECT_TRUE(plan.plan() == make_plan());
  EXPECT_EQ(plan.hash(), hash_of(make_plan()));
}

TEST(PlanPatch, ThatNamesWhatIsNotThereChangesNothing) {
  const std::vector<PlanEdit> wrong{
      RemoveVip{ip("192.0.2.99")},
      RemoveService{{ip("192.0.2.1"), Protocol::kUdp, 80, 0}},
      PutDestination{{ip("192.0.2.1"), Protocol::kUdp, 80, 0}, destination("192.0.2.7", 1)},
      RemoveDestination{kEntry, {ip("192.0.2.99"), 80}},
      RemoveBackend{ip("192.0.2.99")},
      RemoveWithdrawn{{"shop", "never"}}};
  for (const auto& edit : wrong) {
    HashedPlan plan(make_plan());
    const PlanPatch patch{plan.hash(), plan.hash(), 3, {PutWithdrawn{{"shop", "new"}}, edit}};
    const auto result = plan.apply(patch);
    EXPECT_EQ(result.error().code, ErrorCode::kNotFound) << edit.index();
    EXPECT_THAT(result.error().message, HasSubstr("which the plan does not hold"));
    EXPECT_TRUE(plan.plan() == make_plan());
  }
}

TEST(PlanPatch, MayChangeTheSameEntryTwice) {
  HashedPlan plan(make_plan());
  NodePlan after = make_plan();
  after.services[kEntry] = std::make_shared<const PlannedService>(
      PlannedService{header("rr"), {destination("192.0.2.7", 9)}});
  PlanPatch patch{plan.hash(), hash_of(after), 3, {}};
  patch.edits = {RemoveService{kEntry}, PutService{kEntry, header("wlc")},
                 PutDestination{kEntry, destination("192.0.2.7", 1)},
                 PutService{kEntry, header("rr")},
                 PutDestination{kEntry, destination("192.0.2.7", 9)}};
  ASSERT_TRUE(plan.apply(patch));
  EXPECT_TRUE(plan.plan() == after);
}

TEST(Plan, AnOlderCopyKeepsItsServices) {
  HashedPlan plan(make_plan());
  const NodePlan before = plan.plan();
  plan.apply_edits({PutDestination{kEntry, destination("192.0.2.7", 9)}});
  EXPECT_EQ(before.services.at(kEntry)->destinations[0].config.weight, 3U);
}

}  // namespace
}  // namespace lvs
