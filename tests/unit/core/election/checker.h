// The invariants of the election, watched step by step, and two ways to look for a world that
// breaks one: all worlds within a small scope, and long random ones.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/unit/core/election/world.h"

namespace lvs::test {

struct Rules {
  // After the last fault: so long may two have it, or nobody, or the Lease be untrue.
  Duration settle{1'500};
  // Two may have it only by a planned move, faults or not. Holds while wire and kernels work.
  bool never_two = false;
  // Nobody may be without it once somebody had it.
  bool never_none = false;
  // Once somebody has it, it is his.
  bool never_moves = false;
  // Every acquisition has a higher term than all before. Holds while somebody remembers.
  bool terms_grow = true;
};

// What has to be remembered of a world's past to judge it.
class Watch {
 public:
  // Empty: all is well. Otherwise what is wrong.
  [[nodiscard]] std::string look(const World& world, const FaultChoice& choice, const Rules& rules);
  [[nodiscard]] std::uint64_t memory() const;  // for the fingerprint
  [[nodiscard]] Duration quiet() const { return quiet_; }
  [[nodiscard]] bool is_settled(const Rules& rules) const { return quiet_ > rules.settle; }

 private:
  [[nodiscard]] std::string look_at_holders(const World& world, const Rules& rules);
  [[nodiscard]] std::string look_at_terms(const World& world, const Rules& rules);
  [[nodiscard]] std::string look_at_the_end(const World& world) const;

  Duration quiet_{0};  // since the last fault
  int holder_ = -1;    // the only one; -1: nobody yet
  bool had_ = false;
  std::uint64_t highest_term_ = 0;
  std::uint64_t lease_term_ = 0;
};

struct Violation {
  std::string what;
  std::vector<FaultChoice> trace;  // one choice per step
};
// The steps that matter, with the world after each: readable.
[[nodiscard]] std::string tell(const WorldConfig& config, const Violation& violation);

struct Exploration {
  WorldConfig world;
  Rules rules;
  std::vector<FaultChoice> menu;  // impossible ones are skipped
  int faults = 2;
  Duration near = Duration::max();  // later faults come so soon after the one before
  Duration warm{0};                 // fault-free time before the first fault
  std::uint64_t most_states = 1'000'000;
};

struct Explored {
  std::uint64_t states = 0;  // different ones
  bool complete = false;
  std::vector<Violation> violations;  // at most one
};
[[nodiscard]] Explored explore(const Exploration& exploration);

// Random faults from the menu, about one in `calm` steps, then quiet until settled.
[[nodiscard]] std::vector<Violation> walk(const Exploration& exploration, std::uint64_t seed,
                                          int steps, int calm);

// Every fault of `faults` for each node, or pair of nodes.
[[nodiscard]] std::vector<FaultChoice> menu_of(int nodes, const std::vector<Fault>& faults);

// Coarse times, so that a step is the unit of everything and states repeat.
[[nodiscard]] WorldConfig small_world(int nodes, bool leases);

}  // namespace lvs::test
