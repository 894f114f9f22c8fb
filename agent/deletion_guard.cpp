#include "agent/deletion_guard.h"

#include "core/mass_deletion.h"

namespace lvs {
namespace {

// VirtualServices of which the operator has an opinion: what the plan lacks of them is meant.
std::set<ObjectKey> known_owners(const NodePlan& plan) {
  std::set<ObjectKey> known = plan.withdrawn;
  for (const auto& [key, service] : plan.services) known.insert(service->header.virtual_service);
  return known;
}

}  // namespace

std::set<ServiceKey> deletions_to_hold(const std::vector<ServiceKey>& ours, const NodePlan& plan,
                                       const ServiceOwners& owners,
                                       const std::set<ServiceKey>& held) {
  if (plan.accept_mass_deletion) return {};
  const std::set<ObjectKey> known = known_owners(plan);
  const auto is_confirmed = [&](const ServiceKey& key) {
    const auto owner = owners.find(key);
    return owner != owners.end() && known.contains(owner->second);
  };
  std::set<ServiceKey> unconfirmed;
  for (const ServiceKey& key : ours) {
    if (plan.services.count(key) == 0 && !is_confirmed(key)) unconfirmed.insert(key);
  }
  return deletions_to_hold(unconfirmed, ours.size(), held);
}

}  // namespace lvs
