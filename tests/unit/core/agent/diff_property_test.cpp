// Any start, any goal: the operations lead there, and stopping after any of them loses nothing.
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "core/diff.h"
#include "core/format.h"
#include "tests/unit/core/agent/builders.h"
#include "tests/unit/core/agent/table_model.h"

namespace lvs {
namespace {

constexpr int kServices = 4;
constexpr int kDestinations = 6;
constexpr int kRounds = 400;

class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(engine_() % limit); }
  bool one_in(std::uint32_t n) { return below(n) == 0; }

 private:
  std::mt19937 engine_;
};

ServiceKey service_key(int n) {
  if (n == 2) return ServiceKey{test::ip("::"), Protocol::kTcp, 0, 7};  // in the order of keys
  return test::tcp(n == 3 ? "2001:db8::1" : "192.0.2.1", static_cast<std::uint16_t>(80 + n));
}

ServiceConfig any_config(Dice& dice) {
  constexpr const char* kNames[] = {"wrr", "rr", "mh", "wlc"};
  ServiceConfig config{kNames[dice.below(4)], 0, 0, 0};
  if (dice.one_in(3)) config.persistence_seconds = 60;
  if (dice.one_in(4)) config.flags |= kFlagOnePacket;
  return config;
}

DestinationConfig any_destination(Dice& dice) {
  return {dice.one_in(3) ? ForwardingMethod::kTunnel : ForwardingMethod::kDirectRouting,
          dice.below(4), dice.below(2) * 100, 0};
}

std::vector<ObservedService> any_table(Dice& dice) {
  std::vector<ObservedService> table;
  for (int s = 0; s < kServices; ++s) {
    if (dice.one_in(3)) continue;
    ObservedService service{service_key(s), any_config(dice), !dice.one_in(3), {}, {}};
    if (dice.one_in(5)) service.config.scheduler.clear();
    for (int d = 0; d < kDestinations; ++d) {
      if (dice.one_in(2)) continue;
      service.destinations.push_back(
          {test::dest("198.51.100." + std::to_string(d + 1)), any_destination(dice), {}, {}});
    }
    table.push_back(std::move(service));
  }
  return table;
}

std::map<ServiceKey, DesiredService> any_goal(Dice& dice) {
  std::map<ServiceKey, DesiredService> goal;
  for (int s = 0; s < kServices; ++s) {
    if (dice.one_in(3)) continue;
    DesiredService service{service_key(s), any_config(dice), Duration{1000}, {}};
    for (int d = 0; d < kDestinations; ++d) {
      if (dice.one_in(2)) continue;
      service.destinations.push_back(
          {test::dest("198.51.100." + std::to_string(d + 1)), any_destination(dice)});
    }
    goal[service.key] = std::move(service);
  }
  return goal;
}

ChangeSet diff_all(const std::map<ServiceKey, DesiredService>& goal, const test::TableModel& kernel,
                   DrainLedger& drains, TimePoint now) {
  ChangeSet all;
  for (int s = 0; s < kServices; ++s) {
    const auto wanted = goal.find(service_key(s));
    const ChangeSet changes = diff_service(wanted == goal.end() ? nullptr : &wanted->second,
                                           kernel.find(service_key(s)), drains, now);
    all.insert(all.end(), changes.begin(), changes.end());
  }
  return all;
}

// Runs to the goal through the drains, at most some rounds of a drain timeout each.
void converge(const std::map<ServiceKey, DesiredService>& goal, test::TableModel& kernel) {
  DrainLedger drains;
  for (TimePoint now; now < TimePoint{Duration{10'000}}; now += Duration{1000}) {
    ASSERT_EQ(kernel.apply(diff_all(goal, kernel, drains, now)), 0);
  }
  ASSERT_EQ(format(diff_all(goal, kernel, drains, TimePoint{Duration{10'000}})), "");
}

std::string wanted_table(const std::map<ServiceKey, DesiredService>& goal,
                         const std::vector<ObservedService>& start) {
  std::string text;
  for (int s = 0; s < kServices; ++s) {
    if (const auto wanted = goal.find(service_key(s)); wanted != goal.end()) {
      text += format_table(std::span(&wanted->second, 1));
      continue;
    }
    for (const ObservedService& service : start) {
      if (service.key == service_key(s) && !service.owned) {
        text += format_table(std::span(&service, 1));
      }
    }
  }
  return text;
}

TEST(DiffProperty, ReachesTheGoalFromAnyStartAndLeavesForeignServices) {
  for (unsigned seed = 0; seed < kRounds; ++seed) {
    SCOPED_TRACE(seed);
    Dice dice(seed);
    const auto start = any_table(dice);
    const auto goal = any_goal(dice);
    test::TableModel kernel(start);
    ASSERT_NO_FATAL_FAILURE(converge(goal, kernel));
    ASSERT_EQ(format_table(kernel.table()), wanted_table(goal, start));
  }
}

TEST(DiffProperty, StoppingAfterAnyOperationConvergesLater) {
  for (unsigned seed = 0; seed < kRounds / 8; ++seed) {
    Dice dice(seed);
    const auto start = any_table(dice);
    const auto goal = any_goal(dice);
    DrainLedger drains;
    const ChangeSet whole = diff_all(goal, test::TableModel(start), drains, TimePoint{});
    for (std::size_t stop = 0; stop <= whole.size(); ++stop) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << ", stopped after " << stop);
      test::TableModel kernel(start);
      ASSERT_EQ(kernel.apply(std::span(whole).first(stop)), 0);
      ASSERT_NO_FATAL_FAILURE(converge(goal, kernel));
      ASSERT_EQ(format_table(kernel.table()), wanted_table(goal, start));
    }
  }
}

TEST(DiffProperty, NeverDeletesAndAddsTheSameDestination) {
  for (unsigned seed = 0; seed < kRounds; ++seed) {
    Dice dice(seed);
    const auto start = any_table(dice);
    const auto goal = any_goal(dice);
    DrainLedger drains;
    std::set<std::pair<ServiceKey, DestinationKey>> deleted;
    const ChangeSet all = diff_all(goal, test::TableModel(start), drains, TimePoint{});
    for (const Operation& operation : all) {
      if (const auto* o = std::get_if<DeleteDestination>(&operation)) {
        deleted.insert({o->service, o->key});
      }
    }
    for (const Operation& operation : all) {
      if (const auto* o = std::get_if<NewDestination>(&operation)) {
        ASSERT_EQ(deleted.count({o->service, o->key}), 0U) << "seed " << seed;
      }
    }
  }
}

}  // namespace
}  // namespace lvs
