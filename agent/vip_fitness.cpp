#include "agent/vip_fitness.h"

#include <algorithm>

namespace lvs {
namespace {

constexpr Duration kHeadStart{2'000};

Fitness fitness_of(const VipFitness::Candidate& candidate, const VipGate& gate, Fitness known) {
  if (!candidate.reached) return Fitness::kLinkDown;
  if (gate.stands(candidate.vip)) return Fitness::kFit;
  // A change under way takes no VIP from who serves it.
  return gate.serves(candidate.vip) ? known : Fitness::kIpvsNotReady;
}

}  // namespace

std::vector<FitnessChanged> VipFitness::look(const std::vector<Candidate>& candidates,
                                             const VipGate& gate, TimePoint now) {
  hold_off(candidates, now);
  waiting_.clear();
  std::vector<FitnessChanged> news;
  for (const Candidate& candidate : candidates) {
    if (!gate.stands(candidate.vip)) waiting_.insert(candidate.vip);
    if (now < held_off_until_.at(candidate.vip)) continue;
    Fitness& known = told_.try_emplace(candidate.vip, Fitness::kUnknown).first->second;
    const Fitness fitness = fitness_of(candidate, gate, known);
    if (std::exchange(known, fitness) != fitness) news.push_back({candidate.vip, fitness});
    untold_.erase(candidate.vip);
  }
  return news;
}

void VipFitness::hold_off(const std::vector<Candidate>& candidates, TimePoint now) {
  std::map<IpAddress, TimePoint> until;
  for (const Candidate& candidate : candidates) {
    const auto known = held_off_until_.find(candidate.vip);
    until[candidate.vip] = known != held_off_until_.end() ? known->second
                           : candidate.first              ? now
                                                          : now + kHeadStart;
  }
  held_off_until_ = std::move(until);
  // What is planned anew later has to be told anew.
  std::erase_if(told_, [this](const auto& e) { return !held_off_until_.contains(e.first); });
  untold_ = held_off_until_;
  std::erase_if(untold_, [this](const auto& e) { return told_.contains(e.first); });
}

bool VipFitness::is_due(const VipGate& gate, TimePoint now) const {
  return std::any_of(waiting_.begin(), waiting_.end(), gate.stands) ||
         std::any_of(untold_.begin(), untold_.end(),
                     [&](const auto& entry) { return now >= entry.second; });
}

std::optional<TimePoint> VipFitness::next_deadline(TimePoint now) const {
  std::optional<TimePoint> next;
  for (const auto& [address, until] : untold_) {
    if (until > now && (!next || until < *next)) next = until;
  }
  return next;
}

}  // namespace lvs
