// Where plans arrive: the fence of terms and names, the store, and what a new plan means for the
// kernel.
//
// Threads: the agent loop only.
#pragma once

#include <string>

#include "agent/messages.h"
#include "agent/plan_store.h"
#include "agent/problems.h"
#include "agent/programmer.h"
#include "wire/limits.h"

namespace lvs {

struct PlanChange {
  ServiceChange services;
  bool network = false;
};

struct PlanOutcome {
  PlanAnswer answer;
  std::optional<PlanChange> change;  // nothing: the kernel has nothing to follow
};

class PlanDesk {
 public:
  // A plan of more than `most_bytes` is not stored: it could not be loaded again.
  PlanDesk(std::string node, const std::string& state_folder, Problems& problems,
           std::size_t most_bytes = kMaxPlanBytes)
      : node_(std::move(node)),
        store_(state_folder),
        problems_(problems),
        most_bytes_(most_bytes) {}

  // What is stored; without a plan, or with one that cannot be read, the kernel is left as it is.
  void load();
  PlanOutcome put(NodePlan plan, std::string body);
  PlanOutcome patch(const PlanPatch& patch, const std::string& body);
  // Folds the journal into the plan when it has grown too long. Takes a while: when idle. After a
  // failure a minute passes before the next try.
  void compact(TimePoint now);

  [[nodiscard]] bool has_plan() const { return has_plan_; }
  [[nodiscard]] const NodePlan& plan() const { return plan_.plan(); }
  [[nodiscard]] const ContentHash& hash() const { return plan_.hash(); }

 private:
  [[nodiscard]] std::optional<PlanAnswer> fence(std::uint64_t term) const;
  [[nodiscard]] PlanAnswer refuse(PlanVerdict verdict, std::string message) const;
  // Nothing: the plan that the patch makes is not too large.
  [[nodiscard]] std::optional<PlanAnswer> refuse_growth(const PlanPatch& patch,
                                                        std::size_t patch_bytes);
  [[nodiscard]] ServiceOwners owners_of_removed(const PlanPatch& patch) const;

  std::string node_;
  PlanStore store_;
  Problems& problems_;
  HashedPlan plan_;
  bool has_plan_ = false;
  std::size_t most_bytes_;
  std::size_t bytes_ = 0;  // the plan as JSON is no longer than this
  TimePoint compact_after_{};
};

}  // namespace lvs
