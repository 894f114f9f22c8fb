#include <algorithm>
#include <memory>
#include <random>
#include <unordered_map>
#include <utility>

#include "tests/unit/core/election/checker.h"
#include "tests/unit/core/election/fingerprint.h"

namespace lvs::test {
namespace {

// The way back to the start, shared between the futures of a moment.
struct Moment {
  std::shared_ptr<const Moment> before;
  FaultChoice choice;
};

struct State {
  World world;
  Watch watch;
  int faults = 0;
  std::shared_ptr<const Moment> moment;
};

Violation violation_at(std::string what, const Moment* moment) {
  Violation violation{std::move(what), {}};
  for (; moment != nullptr; moment = moment->before.get())
    violation.trace.push_back(moment->choice);
  std::reverse(violation.trace.begin(), violation.trace.end());
  return violation;
}

class Explorer {
 public:
  explicit Explorer(const Exploration& exploration) : exploration_(exploration) {}

  Explored run() && {
    auto first =
        std::make_shared<State>(State{World(exploration_.world), {}, exploration_.faults, nullptr});
    for (Duration warm{0}; warm < exploration_.warm; warm += exploration_.world.step) {
      *first = next(*first, {});
    }
    plan(first);
    while (!todo_.empty() && result_.violations.empty()) {
      if (result_.states >= exploration_.most_states) return std::move(result_);
      const Future future = std::move(todo_.back());
      todo_.pop_back();
      follow(*future.from, future.choice);
    }
    result_.complete = todo_.empty();
    return std::move(result_);
  }

 private:
  // Made when it is its turn: a world is large, a choice is small.
  struct Future {
    std::shared_ptr<const State> from;
    FaultChoice choice;
  };

  State next(const State& state, const FaultChoice& choice) {
    State after = state;
    after.world.step(choice);
    after.moment = std::make_shared<const Moment>(Moment{state.moment, choice});
    std::string wrong = after.watch.look(after.world, choice, exploration_.rules);
    if (!wrong.empty() && result_.violations.empty()) {
      result_.violations.push_back(violation_at(std::move(wrong), after.moment.get()));
    }
    return after;
  }

  void follow(const State& state, const FaultChoice& choice) {
    auto after = std::make_shared<State>(next(state, choice));
    if (choice.fault != Fault::kNone) --after->faults;
    const bool over = after->faults == 0 || (after->faults < exploration_.faults &&
                                             after->watch.quiet() > exploration_.near);
    if (over && after->watch.is_settled(exploration_.rules)) return;
    ContentHash print = Fingerprint::of(after->world);
    print.low += after->watch.memory() * 31 + static_cast<std::uint64_t>(after->faults);
    // The longer it has been quiet, the stricter the rules: who came here with less brings nothing.
    const auto [seen, fresh] =
        seen_.try_emplace(print.high ^ (print.low * 0x9e3779b97f4a7c15ULL), after->watch.quiet());
    if (!fresh && after->watch.quiet() <= seen->second) return;
    seen->second = after->watch.quiet();
    ++result_.states;
    plan(after);
  }

  void plan(const std::shared_ptr<State>& state) {
    const bool first = state->faults == exploration_.faults;
    if (state->faults > 0 && (first || state->watch.quiet() <= exploration_.near)) {
      for (const FaultChoice& choice : exploration_.menu) {
        if (state->world.is_possible(choice)) todo_.push_back({state, choice});
      }
    }
    todo_.push_back({state, {}});
  }

  const Exploration& exploration_;
  Explored result_;
  std::vector<Future> todo_;
  std::unordered_map<std::uint64_t, Duration> seen_;
};

}  // namespace

Explored explore(const Exploration& exploration) { return Explorer(exploration).run(); }

std::vector<Violation> walk(const Exploration& exploration, std::uint64_t seed, int steps,
                            int calm) {
  std::mt19937_64 random(seed);
  World world(exploration.world);
  Watch watch;
  Violation violation;
  const auto& menu = exploration.menu;
  // Healing has its turn as often as harm, or soon nothing would be left to happen.
  const auto pick = [&] { return menu[random() % menu.size()]; };
  for (int step = 0; step < steps || !watch.is_settled(exploration.rules); ++step) {
    FaultChoice choice;
    if (step < steps && random() % static_cast<std::uint64_t>(calm) == 0) {
      choice = pick();
      for (int tries = 0; tries < 20 && !world.is_possible(choice); ++tries) choice = pick();
      if (!world.is_possible(choice)) choice = {};
    }
    world.step(choice);
    violation.trace.push_back(choice);
    violation.what = watch.look(world, choice, exploration.rules);
    if (!violation.what.empty()) return {violation};
  }
  return {};
}

}  // namespace lvs::test
