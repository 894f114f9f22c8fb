#include "core/plan.h"

#include <algorithm>
#include <utility>

#include "base/sorted_merge.h"
#include "core/plan_draft.h"
#include "core/plan_hash.h"

namespace lvs {
namespace {

// gone(before) for keys that `after` has not, came(after) for the others, with what stood there
// before or null.
template <typename Map, typename Gone, typename Came>
void compare(const Map& before, const Map& after, Gone gone, Came came) {
  using Entry = typename Map::value_type;
  merge_sorted(before, after, &Entry::first, [&](const Entry* old, const Entry* now) {
    if (now == nullptr) {
      gone(*old);
    } else {
      came(*now, old == nullptr ? nullptr : &old->second);
    }
  });
}

void diff_destinations(const ServiceKey& key, const std::vector<PlannedDestination>& before,
                       const std::vector<PlannedDestination>& after, std::vector<PlanEdit>& edits) {
  merge_sorted(before, after, &PlannedDestination::key,
               [&](const PlannedDestination* old, const PlannedDestination* now) {
                 if (now == nullptr) {
                   edits.emplace_back(RemoveDestination{key, old->key});
                 } else if (old == nullptr || *old != *now) {
                   edits.emplace_back(PutDestination{key, *now});
                 }
               });
}

void diff_withdrawn(const NodePlan& before, const NodePlan& after, std::vector<PlanEdit>& edits) {
  for (const auto& key : before.withdrawn) {
    if (!after.withdrawn.contains(key)) edits.emplace_back(RemoveWithdrawn{key});
  }
  for (const auto& key : after.withdrawn) {
    if (!before.withdrawn.contains(key)) edits.emplace_back(PutWithdrawn{key});
  }
}

bool same_services(const NodePlan& a, const NodePlan& b) {
  return std::equal(a.services.begin(), a.services.end(), b.services.begin(), b.services.end(),
                    [](const auto& left, const auto& right) {
                      return left.first == right.first &&
                             (left.second == right.second || *left.second == *right.second);
                    });
}

}  // namespace

bool operator==(const NodePlan& a, const NodePlan& b) {
  return a.node == b.node && a.term == b.term && a.accept_mass_deletion == b.accept_mass_deletion &&
         a.vips == b.vips && a.directors == b.directors && a.backends == b.backends &&
         a.withdrawn == b.withdrawn && same_services(a, b);
}

void diff_planned_service(const ServiceKey& key, const PlannedService* before,
                          const PlannedService* after, std::vector<PlanEdit>& edits) {
  static const std::vector<PlannedDestination> kNone;
  if (before == after) return;
  if (after == nullptr) {
    edits.emplace_back(RemoveService{key});
    return;
  }
  if (before == nullptr || before->header != after->header) {
    edits.emplace_back(PutService{key, after->header});
  }
  diff_destinations(key, before == nullptr ? kNone : before->destinations, after->destinations,
                    edits);
}

void diff_directors(const std::map<std::string, PlannedDirector>& before,
                    const std::map<std::string, PlannedDirector>& after,
                    std::vector<PlanEdit>& edits) {
  compare(
      before, after, [&](const auto& old) { edits.emplace_back(RemoveDirector{old.first}); },
      [&](const auto& now, const PlannedDirector* old) {
        if (old == nullptr || *old != now.second) {
          edits.emplace_back(PutDirector{now.first, now.second});
        }
      });
}

std::vector<PlanEdit> diff_plans(const NodePlan& before, const NodePlan& after) {
  std::vector<PlanEdit> edits;
  compare(
      before.vips, after.vips, [&](const auto& old) { edits.emplace_back(RemoveVip{old.first}); },
      [&](const auto& now, const PlannedVip* old) {
        if (old == nullptr || *old != now.second) edits.emplace_back(PutVip{now.first, now.second});
      });
  diff_directors(before.directors, after.directors, edits);
  compare(
      before.services, after.services,
      [&](const auto& old) { edits.emplace_back(RemoveService{old.first}); },
      [&](const auto& now, const std::shared_ptr<const PlannedService>* old) {
        diff_planned_service(now.first, old == nullptr ? nullptr : old->get(), now.second.get(),
                             edits);
      });
  compare(
      before.backends, after.backends,
      [&](const auto& old) { edits.emplace_back(RemoveBackend{old.first}); },
      [&](const auto& now, const PlannedBackend* old) {
        if (old == nullptr || *old != now.second) {
          edits.emplace_back(PutBackend{now.first, now.second});
        }
      });
  diff_withdrawn(before, after, edits);
  return edits;
}

HashedPlan::HashedPlan(NodePlan plan) : plan_(std::move(plan)), hash_(hash_of(plan_)) {}

Result<TouchedByEdits> HashedPlan::apply(const PlanPatch& patch) {
  if (patch.from != hash_) {
    return fail(ErrorCode::kConflict, "the patch is for plan " + patch.from.to_string() +
                                          ", and this node has plan " + hash_.to_string() +
                                          "; send the whole plan");
  }
  PlanDraft draft(plan_, hash_);
  for (const auto& edit : patch.edits) {
    if (auto done = draft.apply(edit); !done) return tl::unexpected(done.error());
  }
  if (patch.to != draft.hash()) {
    return fail(ErrorCode::kConflict, "the patch leads to plan " + draft.hash().to_string() +
                                          " and not to " + patch.to.to_string() +
                                          "; send the whole plan");
  }
  hash_ = draft.hash();
  draft.commit(plan_);
  plan_.term = patch.term;
  return std::move(draft.touched());
}

TouchedByEdits HashedPlan::apply_edits(const std::vector<PlanEdit>& edits) {
  PlanDraft draft(plan_, hash_);
  for (const auto& edit : edits) static_cast<void>(draft.apply(edit));
  hash_ = draft.hash();
  draft.commit(plan_);
  return std::move(draft.touched());
}

void HashedPlan::put_service(const ServiceKey& key, std::shared_ptr<const PlannedService> service,
                             const ContentHash& before, const ContentHash& after) {
  hash_ -= before;
  hash_ += after;
  if (service) {
    plan_.services.insert_or_assign(key, std::move(service));
  } else {
    plan_.services.erase(key);
  }
}

}  // namespace lvs
