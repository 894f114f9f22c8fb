// Servers that are drained: their connections are counted until none is left.
#include <algorithm>

#include "agent/programmer.h"

namespace lvs {
namespace {

bool has_drained(const NodePlan& plan, const ServiceKey& key) {
  const auto planned = plan.services.find(key);
  if (planned == plan.services.end()) return false;
  const auto& all = planned->second->destinations;
  return std::any_of(all.begin(), all.end(), [](const PlannedDestination& each) {
    return each.admission == Admission::kDrain;
  });
}

}  // namespace

void Programmer::plan_loaded(const NodePlan& plan) {
  for (const auto& [key, service] : plan.services) {
    if (has_drained(plan, key)) drained_.insert(key);
  }
}

void Programmer::note_drained(const NodePlan& plan, const std::set<ServiceKey>& touched) {
  for (const ServiceKey& key : touched) {
    if (has_drained(plan, key)) {
      drained_.insert(key);
    } else {
      drained_.erase(key);
    }
  }
}

void Programmer::check_drains(const NodePlan& plan) {
  const Look look{false, true};
  for (const ServiceKey& key : drains_.services()) queue_.push_routine(key, look);
  for (const ServiceKey& key : drained_) {
    if (!mirror_.draining(key, *plan.services.at(key)).empty()) queue_.push_routine(key, look);
  }
}

}  // namespace lvs
