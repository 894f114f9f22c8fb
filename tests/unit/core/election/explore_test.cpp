// All worlds within a small scope: every placement of a few faults in time, from the cold start on.
// LVS_ELECTION_DEPTH=1 (nightly) adds a fault to each.
#include <chrono>
#include <cstdlib>
#include <iostream>

#include <gtest/gtest.h>

#include "tests/unit/core/election/checker.h"

namespace lvs::test {
namespace {

struct Scope {
  int nodes;
  bool leases;
};

class Explore : public testing::TestWithParam<Scope> {
 protected:
  // `faults` of them with two directors, one less with three.
  [[nodiscard]] static Exploration scope(const std::vector<Fault>& faults, int budget) {
    const auto [nodes, leases] = GetParam();
    Exploration exploration{small_world(nodes, leases), {}, menu_of(nodes, faults)};
    exploration.faults = nodes == 2 ? budget : budget - 1;
    exploration.near = Duration{150};
    return exploration;
  }

  static void check(Exploration exploration) {
    if (const char* deeper = std::getenv("LVS_ELECTION_DEPTH")) {
      exploration.faults += std::atoi(deeper);
      exploration.near = Duration::max();
      exploration.most_states = 1'000'000'000;
    }
    const auto start = std::chrono::steady_clock::now();
    const Explored explored = explore(exploration);
    const auto took = std::chrono::steady_clock::now() - start;
    std::cout << explored.states << " states, " << exploration.faults << " faults, "
              << std::chrono::duration_cast<Duration>(took).count() << " ms\n";
    for (const Violation& violation : explored.violations) {
      FAIL() << tell(exploration.world, violation);
    }
    EXPECT_TRUE(explored.complete);
  }
};

TEST_P(Explore, CrashesNeverMakeTwoHolders) {
  Exploration e = scope({Fault::kCrash, Fault::kBoot, Fault::kKillAgent, Fault::kStartAgent}, 2);
  e.rules.never_two = true;
  e.rules.terms_grow = GetParam().leases;  // else nobody may be left who remembers
  check(e);
}

TEST_P(Explore, APausedAgentMustWinTheVipAnew) {
  Exploration e = scope({Fault::kPauseAgent, Fault::kResumeAgent, Fault::kKillAgent}, 2);
  e.rules.never_two = true;
  check(e);
}

TEST_P(Explore, MessagesMayBeLostLateOrRepeated) {
  Exploration e = scope({Fault::kLose, Fault::kDelay, Fault::kDuplicate, Fault::kLoseAsks}, 2);
  e.warm = Duration{1'500};
  e.rules.never_two = true;
  e.rules.never_moves = true;
  check(e);
}

TEST_P(Explore, NobodyNoticesTheApiServer) {
  Exploration e = scope({Fault::kApiDead, Fault::kApiSlow, Fault::kApiBack}, 2);
  e.warm = Duration{1'500};
  e.rules.never_two = e.rules.never_moves = e.rules.never_none = true;
  check(e);
}

TEST_P(Explore, ACrashWhileTheApiServerIsAway) {
  Exploration e = scope({Fault::kApiDead, Fault::kApiSlow, Fault::kApiBack, Fault::kCrash}, 2);
  e.rules.never_two = true;
  check(e);
}

TEST_P(Explore, HeartbeatsAloneMoveNothing) {
  Exploration e = scope({Fault::kMuteHeartbeats, Fault::kUnmuteHeartbeats}, 3);
  e.warm = Duration{1'500};
  e.rules.never_two = e.rules.never_moves = e.rules.never_none = true;
  check(e);
}

TEST_P(Explore, HeartbeatsLostAndADirectorToo) {
  Exploration e = scope({Fault::kMuteHeartbeats, Fault::kUnmuteHeartbeats, Fault::kCrash,
                         Fault::kBoot, Fault::kKillAgent},
                        2);
  e.rules.terms_grow = GetParam().leases;
  check(e);
}

TEST_P(Explore, PartitionsHeal) {
  Exploration e = scope({Fault::kSplit, Fault::kUnsplit, Fault::kIsolate, Fault::kRejoin,
                         Fault::kLinkDown, Fault::kLinkUp},
                        2);
  e.rules.terms_grow = false;  // two sides count for themselves
  check(e);
}

TEST_P(Explore, AFrozenMachineThawsAsTheLoser) {
  Exploration e = scope({Fault::kFreeze, Fault::kThaw}, 2);
  e.rules.terms_grow = GetParam().leases;
  check(e);
}

TEST_P(Explore, PlannedMovesNeverLeaveNobody) {
  Exploration e = scope({Fault::kMove, Fault::kDrain, Fault::kUndrain, Fault::kUnfit, Fault::kFit,
                         Fault::kLose, Fault::kDelay},
                        2);
  e.warm = Duration{1'500};
  e.rules.settle = Duration{2'500};  // a move that nobody can take is given up first
  e.rules.never_two = e.rules.never_none = true;
  check(e);
}

TEST_P(Explore, AnUpgradeNeverLeavesNobody) {
  Exploration e = scope({Fault::kLeave, Fault::kStartAgent}, 2);
  e.warm = Duration{1'500};
  e.rules.never_two = true;
  check(e);
}

TEST_P(Explore, ARemovedAddressComesBack) {
  Exploration e = scope({Fault::kRemoveAddress, Fault::kMuteHeartbeats, Fault::kLose}, 2);
  e.rules.terms_grow = false;  // a refresh may put it back before anybody looks
  e.warm = Duration{1'500};
  check(e);
}

INSTANTIATE_TEST_SUITE_P(Scopes, Explore,
                         testing::Values(Scope{2, true}, Scope{2, false}, Scope{3, true},
                                         Scope{3, false}),
                         [](const auto& scope) {
                           return std::to_string(scope.param.nodes) + "Directors" +
                                  (scope.param.leases ? "WithLeases" : "WithoutLeases");
                         });

}  // namespace
}  // namespace lvs::test
