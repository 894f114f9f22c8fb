// A plan under edit: edits pile up beside the plan and are put into it at once, or thrown away.
// Costs as much as what the edits touch. Internal to lib/core.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "core/plan.h"

namespace lvs {

// Changes over a map that stays as it is until commit().
template <typename Key, typename Value>
class Overlay {
 public:
  [[nodiscard]] const Value* find(const std::map<Key, Value>& base, const Key& key) const {
    const auto changed = changed_.find(key);
    if (changed != changed_.end()) return changed->second ? &*changed->second : nullptr;
    const auto found = base.find(key);
    return found == base.end() ? nullptr : &found->second;
  }
  void put(const Key& key, Value value) { changed_[key] = std::move(value); }
  void remove(const Key& key) { changed_[key].reset(); }
  void commit(std::map<Key, Value>& base) {
    for (auto& [key, value] : changed_) {
      if (value) {
        base.insert_or_assign(key, std::move(*value));
      } else {
        base.erase(key);
      }
    }
  }

 private:
  std::map<Key, std::optional<Value>> changed_;
};

class PlanDraft {
 public:
  // `plan` must outlive the draft and not change before commit().
  PlanDraft(const NodePlan& plan, const ContentHash& hash) : plan_(plan), hash_(hash) {}

  // kNotFound when the edit names what is not there; the draft is then of no more use.
  Result<void> apply(const PlanEdit& edit);
  [[nodiscard]] const ContentHash& hash() const { return hash_; }
  [[nodiscard]] TouchedByEdits& touched() { return touched_; }
  // `plan` is the one that the draft was made from.
  void commit(NodePlan& plan);

 private:
  Result<void> apply_one(const PutVip& edit);
  Result<void> apply_one(const RemoveVip& edit);
  Result<void> apply_one(const PutDirector& edit);
  Result<void> apply_one(const RemoveDirector& edit);
  Result<void> apply_one(const PutService& edit);
  Result<void> apply_one(const RemoveService& edit);
  Result<void> apply_one(const PutDestination& edit);
  Result<void> apply_one(const RemoveDestination& edit);
  Result<void> apply_one(const PutBackend& edit);
  Result<void> apply_one(const RemoveBackend& edit);
  Result<void> apply_one(const PutWithdrawn& edit);
  Result<void> apply_one(const RemoveWithdrawn& edit);

  // A service that this draft may change; null: there is none.
  PlannedService* open(const ServiceKey& key);

  const NodePlan& plan_;
  ContentHash hash_;
  TouchedByEdits touched_;
  Overlay<IpAddress, PlannedVip> vips_;
  Overlay<std::string, PlannedDirector> directors_;
  Overlay<IpAddress, PlannedBackend> backends_;
  std::map<ObjectKey, bool> withdrawn_;  // true: in the set afterwards
  // Copies made at the first edit of each service; null: removed.
  std::map<ServiceKey, std::shared_ptr<PlannedService>> services_;
};

}  // namespace lvs
