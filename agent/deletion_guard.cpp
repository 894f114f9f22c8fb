#include "agent/deletion_guard.h"

namespace lvs {
namespace {

bool is_confirmed(const ServiceKey& key, const NodePlan& plan, const ServiceOwners& owners) {
  const auto owner = owners.find(key);
  return owner != owners.end() && plan.deleted.count(owner->second) != 0;
}

}  // namespace

std::set<ServiceKey> deletions_to_hold(const std::vector<ServiceKey>& ours, const NodePlan& plan,
                                       const ServiceOwners& owners,
                                       const std::set<ServiceKey>& held) {
  if (plan.accept_mass_deletion) return {};
  std::set<ServiceKey> unconfirmed;
  std::set<ServiceKey> still_held;
  for (const ServiceKey& key : ours) {
    if (plan.services.count(key) != 0 || is_confirmed(key, plan, owners)) continue;
    unconfirmed.insert(key);
    if (held.count(key) != 0) still_held.insert(key);
  }
  const bool most =
      unconfirmed.size() >= kFewestHeldDeletions && unconfirmed.size() * 2 > ours.size();
  return most ? unconfirmed : still_held;
}

}  // namespace lvs
