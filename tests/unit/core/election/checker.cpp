#include "tests/unit/core/election/checker.h"

#include <algorithm>

namespace lvs::test {
namespace {

bool is_pairwise(Fault fault) {
  return fault == Fault::kMuteHeartbeats || fault == Fault::kUnmuteHeartbeats ||
         fault == Fault::kMove;
}

// A director that could serve, as the world knows.
bool could_serve(const World& world, int i) {
  const WorldNode& node = world.node(i);
  const auto view = world.view(i);
  return world.runs(i) && node.link && !node.isolated && node.ipvs && !node.leaving && view &&
         view->fitness == Fitness::kFit && view->condition != ElectionCondition::kNoSuccessor &&
         !world.is_drained(i);
}

bool took_by_offer(const World& world, const std::vector<int>& holders) {
  return std::any_of(holders.begin(), holders.end(), [&](int i) {
    const auto view = world.view(i);
    return view && view->news == ElectionNews::kAccepted;
  });
}

std::string names(const std::vector<int>& nodes) {
  std::string text;
  for (const int i : nodes) text += (text.empty() ? "" : " ") + World::name(i);
  return text;
}

}  // namespace

std::string Watch::look(const World& world, const FaultChoice& choice, const Rules& rules) {
  quiet_ = choice.fault == Fault::kNone ? quiet_ + world.config().step : Duration{0};
  quiet_ = std::min(quiet_, rules.settle + world.config().step);
  std::string wrong = look_at_holders(world, rules);
  if (wrong.empty()) wrong = look_at_terms(world, rules);
  if (wrong.empty() && is_settled(rules)) wrong = look_at_the_end(world);
  return wrong;
}

std::string Watch::look_at_holders(const World& world, const Rules& rules) {
  const std::vector<int> holders = world.holders();
  if (holders.size() > 1 && rules.never_two && !took_by_offer(world, holders)) {
    return "two have the address: " + names(holders);
  }
  if (holders.empty() && had_ && rules.never_none) return "nobody has the address";
  if (holders.size() != 1) return {};
  if (had_ && rules.never_moves && holders.front() != holder_) {
    return "it moved from " + World::name(holder_) + " to " + World::name(holders.front());
  }
  had_ = true;
  holder_ = holders.front();
  return {};
}

std::string Watch::look_at_terms(const World& world, const Rules& rules) {
  for (const std::uint64_t term : world.acquired_terms) {
    if (rules.terms_grow && term <= highest_term_) {
      return "acquired with term " + std::to_string(term) + " after " +
             std::to_string(highest_term_);
    }
    highest_term_ = std::max(highest_term_, term);
  }
  for (const auto& [vip, lease] : world.leases()) {
    if (lease.term < lease_term_)
      return "the Lease went back to term " + std::to_string(lease.term);
    lease_term_ = lease.term;
  }
  return {};
}

// Quiet for long: each group of directors that reach each other has one holder, if one of them
// could serve; and it says so.
std::string Watch::look_at_the_end(const World& world) const {
  for (int i = 0; i < world.count(); ++i) {
    std::vector<int> group{i};
    for (int j = 0; j < world.count(); ++j) {
      if (world.reach(i, j)) group.push_back(j);
    }
    const auto has = [&](int n) { return world.node(n).addresses.contains(World::default_vip()); };
    const auto holders = std::count_if(group.begin(), group.end(), has);
    if (holders > 1) return "two still have the address: " + names(group);
    const bool could =
        std::any_of(group.begin(), group.end(), [&](int n) { return could_serve(world, n); });
    if (could && holders == 0) return "nobody of " + names(group) + " takes it";
  }
  return {};
}

std::uint64_t Watch::memory() const {
  return static_cast<std::uint64_t>(holder_ + 1) * 2 + had_ + (highest_term_ << 40) +
         (lease_term_ << 50);
}

std::vector<FaultChoice> menu_of(int nodes, const std::vector<Fault>& faults) {
  std::vector<FaultChoice> menu;
  for (const Fault fault : faults) {
    for (int a = 0; a < nodes; ++a) {
      if (!is_pairwise(fault)) {
        menu.push_back({fault, a, a});
        continue;
      }
      for (int b = 0; b < nodes; ++b) {
        if (a != b) menu.push_back({fault, a, b});
      }
    }
  }
  return menu;
}

WorldConfig small_world(int nodes, bool leases) {
  WorldConfig world;
  world.nodes = nodes;
  ElectionConfig& election = world.election;
  election.leases = leases;
  election.heartbeat = Duration{50};
  election.heartbeat_spacing = Duration{50};
  election.ask_interval = Duration{50};
  election.silent_asks = 2;
  election.silent_asks_after_answer = 2;
  election.vetoed_ask_interval = Duration{50};
  election.api_vote = Duration{150};
  election.grant_grace = Duration{250};
  election.patience = Duration{200};
  election.lifetime = Duration{750};
  election.lifetime_margin = Duration{100};
  election.put_within = Duration{100};
  election.warm_up = Duration{500};
  election.retire_after = Duration{500};
  election.move_timeout = Duration{1'000};
  election.lease_retry = Duration{500};
  election.director_lease = Duration{250};
  election.rival_patience = Duration{500};
  election.announce_refresh = Duration{250};
  return world;
}

std::string tell(const WorldConfig& config, const Violation& violation) {
  World world(config);
  std::string story = violation.what + "\n";
  std::string before;
  for (const FaultChoice& choice : violation.trace) {
    world.step(choice);
    const std::string state = world.describe();
    if (choice.fault != Fault::kNone || state != before) {
      story += std::to_string(world.now().time_since_epoch().count() - 1'000'000) +
               " ms: " + to_string(choice) + "\n" + state;
    }
    before = state;
  }
  return story;
}

}  // namespace lvs::test
