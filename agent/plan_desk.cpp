#include "agent/plan_desk.h"

#include "telemetry/log.h"
#include "wire/codec.h"

namespace lvs {
namespace {

constexpr const char* kStoreObject = "stored plan";
constexpr Duration kCompactionPause{60'000};
// A patch that fits into one slice goes before everything else; a longer one takes its turn.
constexpr std::size_t kUrgentEdits = 1000;

PlanChange whole_change(const NodePlan& before, const NodePlan& after) {
  PlanChange change;
  change.network = true;
  for (const auto& [key, service] : after.services) change.services.touched.insert(key);
  for (const auto& [key, service] : before.services) {
    if (after.services.count(key) != 0) continue;
    change.services.touched.insert(key);
    change.services.removed[key] = service->header.virtual_service;
  }
  return change;
}

}  // namespace

void PlanDesk::load() {
  auto loaded = store_.load();
  if (!loaded) {
    log_error("stored plan is unusable; kernel left as it is", {{"error", loaded.error().message}});
    problems_.set(
        {kStoreObject, "PlanCorrupt",
         loaded.error().message + "; the kernel is left as it is until the operator sends a plan"});
    return;
  }
  if (!*loaded) {
    log_info("no plan stored; kernel left as it is until the operator sends one");
    return;
  }
  if ((*loaded)->plan().node != node_) {
    problems_.set({kStoreObject, "PlanForAnotherNode",
                   "the stored plan is for node " + (*loaded)->plan().node +
                       "; give each node a state folder of its own"});
    return;
  }
  plan_ = std::move(**loaded);
  has_plan_ = true;
  bytes_ = store_.longest_plan();
  log_info(
      "stored plan loaded",
      {{"hash", hash().to_string()}, {"services", plan().services.size()}, {"term", plan().term}});
}

PlanAnswer PlanDesk::refuse(PlanVerdict verdict, std::string message) const {
  log_warning("plan refused", {{"reason", message}});
  return {verdict, hash(), std::move(message)};
}

std::optional<PlanAnswer> PlanDesk::fence(std::uint64_t term) const {
  if (!has_plan_ || term >= plan().term) return std::nullopt;
  return refuse(PlanVerdict::kFenced, "a plan of term " + std::to_string(plan().term) +
                                          " was seen and this one is of term " +
                                          std::to_string(term) + "; another operator leads now");
}

PlanOutcome PlanDesk::put(NodePlan plan, std::string body) {
  if (plan.node != node_) {
    return {refuse(PlanVerdict::kFenced, "the plan is for node " + plan.node + " and this is " +
                                             node_ + "; check the node's address"),
            {}};
  }
  if (auto fenced = fence(plan.term)) return {*fenced, {}};
  const std::uint64_t term = plan.term;
  const std::size_t bytes = body.size();
  HashedPlan arrived(std::move(plan));
  const bool same = has_plan_ && arrived.hash() == hash() && term == this->plan().term;
  if (!same) {
    if (auto stored = store_.store(std::move(body)); !stored) {
      return {refuse(PlanVerdict::kNotStored, stored.error().message), {}};
    }
  }
  PlanChange change = whole_change(plan_.plan(), arrived.plan());
  plan_ = std::move(arrived);
  has_plan_ = true;
  bytes_ = bytes;
  problems_.clear(kStoreObject);
  return {{PlanVerdict::kStored, hash(), {}}, std::move(change)};
}

std::optional<PlanAnswer> PlanDesk::refuse_growth(const PlanPatch& patch, std::size_t patch_bytes) {
  // What an edit puts into the plan is hardly longer than the edit: only near the limit is it worth
  // looking.
  bytes_ += 2 * patch_bytes;
  if (bytes_ <= most_bytes_) return std::nullopt;
  HashedPlan patched = plan_;
  if (!patched.apply(patch)) return std::nullopt;  // refused for that
  bytes_ = encode(patched.plan()).size();
  if (bytes_ <= most_bytes_) return std::nullopt;
  return refuse(PlanVerdict::kNotStored,
                "the plan would have " + std::to_string(bytes_) + " bytes, and " +
                    std::to_string(most_bytes_) +
                    " is the limit; give this node fewer VirtualServices or RealServers");
}

PlanOutcome PlanDesk::patch(const PlanPatch& patch, const std::string& body) {
  if (!has_plan_ || patch.from != hash()) {
    return {{PlanVerdict::kHashMismatch, hash(),
             "the patch starts from plan " + patch.from.to_string() + ", which is not the one " +
                 "here; send the whole plan"},
            {}};
  }
  if (auto fenced = fence(patch.term)) return {*fenced, {}};
  if (auto grown = refuse_growth(patch, body.size())) return {*grown, {}};
  PlanChange change;
  change.services.removed = owners_of_removed(patch);
  if (auto stored = store_.append(body); !stored) {
    return {refuse(PlanVerdict::kNotStored, stored.error().message), {}};
  }
  auto applied = plan_.apply(patch);
  if (!applied) {
    if (const auto undone = store_.undo_append(); !undone) {
      log_error("cannot take a patch back", {{"error", undone.error().message}});
    }
    return {refuse(PlanVerdict::kHashMismatch, applied.error().message), {}};
  }
  change.services.touched = std::move(applied->services);
  change.services.urgent = patch.edits.size() <= kUrgentEdits;
  change.network = applied->network;
  return {{PlanVerdict::kStored, hash(), {}}, std::move(change)};
}

ServiceOwners PlanDesk::owners_of_removed(const PlanPatch& patch) const {
  ServiceOwners owners;
  for (const PlanEdit& edit : patch.edits) {
    const auto* removed = std::get_if<RemoveService>(&edit);
    if (removed == nullptr) continue;
    const auto service = plan().services.find(removed->key);
    if (service == plan().services.end()) continue;
    owners[removed->key] = service->second->header.virtual_service;
  }
  return owners;
}

void PlanDesk::compact(TimePoint now) {
  if (!has_plan_ || now < compact_after_ || !store_.wants_compaction()) return;
  if (const auto stored = store_.store(encode(plan())); !stored) {
    compact_after_ = now + kCompactionPause;
    log_error("cannot fold the plan's journal", {{"error", stored.error().message}});
    problems_.set({kStoreObject, "PlanNotStored", stored.error().message});
    return;
  }
  problems_.clear(kStoreObject);
}

}  // namespace lvs
