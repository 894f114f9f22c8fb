// The node's plan on disk, so that an agent starts with no operator in sight.
//
//   plan.json     the whole plan, with a line of length and checksum at its end
//   plan.journal  the patches since, each with length and checksums, bound to that plan.json
//
// What was acknowledged is on disk: every write is synced before its function returns. A record
// that was being written when the machine died was never acknowledged; it is cut off. Anything else
// that is not as it was written is kCorrupt: nothing may be deleted because of it.
//
// Threads: the agent loop only.
#pragma once

#include <optional>
#include <string>

#include "agent/files.h"
#include "core/plan.h"

namespace lvs {

class PlanStore {
 public:
  // `folder` must exist.
  explicit PlanStore(const std::string& folder)
      : plan_path_(folder + "/plan.json"), journal_path_(folder + "/plan.journal") {}

  // Nothing: no plan was ever stored here.
  Result<std::optional<HashedPlan>> load();

  // `body` is the plan as encode() writes it. Replaces what is there, a corrupt plan too. After a
  // failure nothing can be appended until it succeeds.
  Result<void> store(std::string body);
  // `body` is the patch as encode() writes it.
  Result<void> append(const std::string& body);
  // Takes the last append() back, when its patch did not apply.
  Result<void> undo_append();
  // The journal has outgrown the plan: store() it anew when there is time.
  [[nodiscard]] bool wants_compaction() const;
  // The plan that is stored is no longer than this, as JSON: what an edit puts into it is hardly
  // longer than the edit.
  [[nodiscard]] std::size_t longest_plan() const { return plan_size_ + 2 * journal_size_; }
  // At uninstall.
  Result<void> remove();

 private:
  Result<void> start_journal(const std::string& base);
  void begin_journal(const std::string& base);
  Result<void> replay(const std::string& journal, const std::string& base, HashedPlan& plan);
  Result<void> open_journal(std::size_t length);
  Result<void> cut_journal(std::size_t length);

  std::string plan_path_;
  std::string journal_path_;
  UniqueFd journal_;
  std::size_t plan_size_ = 0;
  std::size_t journal_size_ = 0;
  std::size_t before_last_append_ = 0;
};

}  // namespace lvs
