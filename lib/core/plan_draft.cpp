#include "core/plan_draft.h"

#include <algorithm>

#include "core/plan_hash.h"

namespace lvs {
namespace {

tl::unexpected<Error> absent(const std::string& what) {
  return fail(ErrorCode::kNotFound, "the patch names " + what + ", which the plan does not hold");
}

auto position_of(std::vector<PlannedDestination>& destinations, const DestinationKey& key) {
  return std::lower_bound(
      destinations.begin(), destinations.end(), key,
      [](const PlannedDestination& d, const DestinationKey& wanted) { return d.key < wanted; });
}

}  // namespace

Result<void> PlanDraft::apply(const PlanEdit& edit) {
  return std::visit([this](const auto& one) { return apply_one(one); }, edit);
}

PlannedService* PlanDraft::open(const ServiceKey& key) {
  const auto opened = services_.find(key);
  if (opened != services_.end()) return opened->second.get();
  const auto found = plan_.services.find(key);
  if (found == plan_.services.end()) return nullptr;
  return services_.emplace(key, std::make_shared<PlannedService>(*found->second))
      .first->second.get();
}

Result<void> PlanDraft::apply_one(const PutVip& edit) {
  if (const auto* old = vips_.find(plan_.vips, edit.address)) {
    hash_ -= hash_of_vip(edit.address, *old);
  }
  hash_ += hash_of_vip(edit.address, edit.vip);
  vips_.put(edit.address, edit.vip);
  touched_.network = true;
  return {};
}

Result<void> PlanDraft::apply_one(const RemoveVip& edit) {
  const auto* old = vips_.find(plan_.vips, edit.address);
  if (old == nullptr) return absent("the VIP " + edit.address.to_string());
  hash_ -= hash_of_vip(edit.address, *old);
  vips_.remove(edit.address);
  touched_.network = true;
  return {};
}

Result<void> PlanDraft::apply_one(const PutDirector& edit) {
  if (const auto* old = directors_.find(plan_.directors, edit.node)) {
    hash_ -= hash_of_director(edit.node, *old);
  }
  hash_ += hash_of_director(edit.node, edit.director);
  directors_.put(edit.node, edit.director);
  touched_.network = true;
  return {};
}

Result<void> PlanDraft::apply_one(const RemoveDirector& edit) {
  const auto* old = directors_.find(plan_.directors, edit.node);
  if (old == nullptr) return absent("the director " + edit.node);
  hash_ -= hash_of_director(edit.node, *old);
  directors_.remove(edit.node);
  touched_.network = true;
  return {};
}

Result<void> PlanDraft::apply_one(const PutService& edit) {
  touched_.services.insert(edit.key);
  hash_ += hash_of_header(edit.key, edit.header);
  if (PlannedService* service = open(edit.key)) {
    hash_ -= hash_of_header(edit.key, service->header);
    service->header = edit.header;
    return {};
  }
  services_[edit.key] = std::make_shared<PlannedService>(PlannedService{edit.header, {}});
  return {};
}

Result<void> PlanDraft::apply_one(const RemoveService& edit) {
  const PlannedService* service = open(edit.key);
  if (service == nullptr) return absent("the service " + to_string(edit.key));
  hash_ -= hash_of(edit.key, *service);
  services_[edit.key] = nullptr;
  touched_.services.insert(edit.key);
  return {};
}

Result<void> PlanDraft::apply_one(const PutDestination& edit) {
  PlannedService* service = open(edit.service);
  if (service == nullptr) return absent("the service " + to_string(edit.service));
  const ContentHash by_key = hash_of_key(edit.service);
  const auto at = position_of(service->destinations, edit.destination.key);
  hash_ += hash_of_destination(by_key, edit.destination);
  touched_.services.insert(edit.service);
  if (at == service->destinations.end() || at->key != edit.destination.key) {
    service->destinations.insert(at, edit.destination);
    return {};
  }
  hash_ -= hash_of_destination(by_key, *at);
  *at = edit.destination;
  return {};
}

Result<void> PlanDraft::apply_one(const RemoveDestination& edit) {
  PlannedService* service = open(edit.service);
  if (service == nullptr) return absent("the service " + to_string(edit.service));
  const auto at = position_of(service->destinations, edit.key);
  if (at == service->destinations.end() || at->key != edit.key) {
    return absent("the destination " + to_string(edit.key) + " of " + to_string(edit.service));
  }
  hash_ -= hash_of_destination(hash_of_key(edit.service), *at);
  service->destinations.erase(at);
  touched_.services.insert(edit.service);
  return {};
}

Result<void> PlanDraft::apply_one(const PutBackend& edit) {
  if (const auto* old = backends_.find(plan_.backends, edit.vip)) {
    hash_ -= hash_of_backend(edit.vip, *old);
  }
  hash_ += hash_of_backend(edit.vip, edit.backend);
  backends_.put(edit.vip, edit.backend);
  touched_.network = true;
  return {};
}

Result<void> PlanDraft::apply_one(const RemoveBackend& edit) {
  const auto* old = backends_.find(plan_.backends, edit.vip);
  if (old == nullptr) return absent("the backend of " + edit.vip.to_string());
  hash_ -= hash_of_backend(edit.vip, *old);
  backends_.remove(edit.vip);
  touched_.network = true;
  return {};
}

Result<void> PlanDraft::apply_one(const PutWithdrawn& edit) {
  const auto known = withdrawn_.find(edit.virtual_service);
  const bool there =
      known != withdrawn_.end() ? known->second : plan_.withdrawn.contains(edit.virtual_service);
  if (!there) hash_ += hash_of_withdrawn(edit.virtual_service);
  withdrawn_[edit.virtual_service] = true;
  return {};
}

Result<void> PlanDraft::apply_one(const RemoveWithdrawn& edit) {
  const auto known = withdrawn_.find(edit.virtual_service);
  const bool there =
      known != withdrawn_.end() ? known->second : plan_.withdrawn.contains(edit.virtual_service);
  if (!there) return absent("the withdrawn VirtualService " + to_string(edit.virtual_service));
  hash_ -= hash_of_withdrawn(edit.virtual_service);
  withdrawn_[edit.virtual_service] = false;
  return {};
}

void PlanDraft::commit(NodePlan& plan) {
  vips_.commit(plan.vips);
  directors_.commit(plan.directors);
  backends_.commit(plan.backends);
  for (const auto& [key, there] : withdrawn_) {
    if (there) {
      plan.withdrawn.insert(key);
    } else {
      plan.withdrawn.erase(key);
    }
  }
  for (auto& [key, service] : services_) {
    if (service) {
      plan.services.insert_or_assign(key, std::move(service));
    } else {
      plan.services.erase(key);
    }
  }
}

}  // namespace lvs
