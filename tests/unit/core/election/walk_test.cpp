// Long random lives, and variants that are broken on purpose: the checker has to see them.
#include <chrono>
#include <cstdlib>
#include <iostream>

#include <gtest/gtest.h>

#include "tests/unit/core/election/checker.h"

namespace lvs::test {
namespace {

const std::vector<Fault> kAllFaults{
    Fault::kCrash,        Fault::kBoot,        Fault::kKillAgent,      Fault::kStartAgent,
    Fault::kPauseAgent,   Fault::kResumeAgent, Fault::kFreeze,         Fault::kThaw,
    Fault::kLinkDown,     Fault::kLinkUp,      Fault::kIsolate,        Fault::kRejoin,
    Fault::kSplit,        Fault::kUnsplit,     Fault::kMuteHeartbeats, Fault::kUnmuteHeartbeats,
    Fault::kApiDead,      Fault::kApiSlow,     Fault::kApiBack,        Fault::kLose,
    Fault::kDelay,        Fault::kDuplicate,   Fault::kLoseAsks,       Fault::kUnfit,
    Fault::kFit,          Fault::kDrain,       Fault::kUndrain,        Fault::kMove,
    Fault::kRemoveAddress};

Exploration life(int nodes, bool leases, const std::vector<Fault>& faults) {
  Exploration life{small_world(nodes, leases), {}, menu_of(nodes, faults)};
  life.rules.terms_grow = false;
  life.rules.settle = Duration{3'000};
  return life;
}

class Walk : public testing::TestWithParam<std::pair<int, bool>> {};

TEST_P(Walk, RandomLivesSettle) {
  const auto [nodes, leases] = GetParam();
  const char* more = std::getenv("LVS_ELECTION_LIVES");
  const int lives = more == nullptr ? 20 : std::atoi(more);
  const Exploration exploration = life(nodes, leases, kAllFaults);
  for (int seed = 1; seed <= lives; ++seed) {
    for (const Violation& violation :
         walk(exploration, static_cast<std::uint64_t>(seed), 1'000, 25)) {
      FAIL() << "seed " << seed << ": " << tell(exploration.world, violation);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Scopes, Walk,
                         testing::Values(std::pair{2, true}, std::pair{2, false},
                                         std::pair{3, true}, std::pair{3, false},
                                         std::pair{5, true}),
                         [](const auto& scope) {
                           return std::to_string(scope.param.first) + "Directors" +
                                  (scope.param.second ? "WithLeases" : "WithoutLeases");
                         });

// --- the checker bites

bool hides_answers(const ElectionEvent& event) {
  return std::holds_alternative<WireAnswered>(event) ||
         std::holds_alternative<AnnouncementSeen>(event);
}

bool puts_it_on_at_any_time(ElectionAction& action) {
  if (auto* hold = std::get_if<HoldAddress>(&action)) hold->not_after = TimePoint::max();
  return true;
}

bool keeps_it_for_ever(ElectionAction& action) {
  if (auto* hold = std::get_if<HoldAddress>(&action)) hold->lifetime = Duration{1'000'000};
  return true;
}

bool hides_grants(const ElectionEvent& event) {
  return std::holds_alternative<LeaseGranted>(event);
}

bool is_found(Exploration exploration) {
  exploration.most_states = 200'000;
  return !explore(exploration).violations.empty();
}

TEST(TheCheckerBites, WhenTheWireIsNotHeard) {
  Exploration e = life(2, true, {Fault::kMuteHeartbeats});
  e.rules.never_moves = true;
  e.warm = Duration{1'500};
  EXPECT_FALSE(is_found(e));
  e.world.hides_event = hides_answers;
  EXPECT_TRUE(is_found(e));
}

TEST(TheCheckerBites, WhenAPausedAgentPutsTheAddressBack) {
  Exploration e = life(2, true, {Fault::kPauseAgent, Fault::kResumeAgent});
  e.rules.never_two = true;
  e.world.changes_action = puts_it_on_at_any_time;
  EXPECT_TRUE(is_found(e));
}

TEST(TheCheckerBites, WhenAnAddressHasNoLifetime) {
  Exploration e = life(2, true, {Fault::kKillAgent});
  e.warm = Duration{1'500};
  e.world.changes_action = keeps_it_for_ever;
  e.rules.never_moves = true;
  EXPECT_FALSE(is_found(e));  // nobody takes it: the kernel serves
  e.world.changes_action = nullptr;
  EXPECT_TRUE(is_found(e));  // its lifetime ends: it moves
}

TEST(TheCheckerBites, WhenGrantsAreNotSeen) {
  Exploration e = life(2, true, {Fault::kMove});
  e.warm = Duration{1'500};
  e.world.hides_event = hides_grants;
  EXPECT_FALSE(is_found(e));  // no vote, then: later, but safe
}

}  // namespace
}  // namespace lvs::test
