#include "agent/plan_store.h"

#include <algorithm>

#include <fcntl.h>
#include <unistd.h>

#include "agent/plan_records.h"
#include "wire/codec.h"

namespace lvs {
namespace {

constexpr std::size_t kSmallestCompaction = std::size_t{1} << 20U;

}  // namespace

Result<std::optional<HashedPlan>> PlanStore::load() {
  auto file = read_file(plan_path_);
  if (!file) return tl::unexpected(file.error());
  auto journal = read_file(journal_path_);
  if (!journal) return tl::unexpected(journal.error());
  if (!*file) {
    if (*journal) return fail(ErrorCode::kCorrupt, plan_path_ + " is missing beside its journal");
    return std::nullopt;
  }
  const auto body = unseal(**file);
  if (!body) return fail_at(plan_path_, body.error());
  auto decoded = decode_plan(*body);
  if (!decoded) return fail(ErrorCode::kCorrupt, plan_path_ + ": " + decoded.error().message);
  const std::string base = checksum(*body);
  plan_size_ = (*file)->size();
  file->reset();
  HashedPlan plan(std::move(*decoded));
  if (*journal) {
    if (auto replayed = replay(**journal, base, plan); !replayed) {
      return fail_at(journal_path_, replayed.error());
    }
  } else {
    begin_journal(base);
  }
  return plan;
}

// What can be read is followed; that nothing can be written is said when something is to be stored.
void PlanStore::begin_journal(const std::string& base) {
  if (!start_journal(base)) journal_ = UniqueFd();
}

Result<void> PlanStore::replay(const std::string& file, const std::string& base, HashedPlan& plan) {
  const auto journal = read_journal(file);
  if (!journal) return tl::unexpected(journal.error());
  // The plan was replaced and the machine died before its journal was.
  if (journal->base_checksum != base) {
    begin_journal(base);
    return {};
  }
  std::size_t good = journal->header_size;
  for (std::size_t i = 0; i < journal->bodies.size(); ++i) {
    const auto patch = decode_patch(journal->bodies[i]);
    if (!patch) return fail(ErrorCode::kCorrupt, patch.error().message);
    if (const auto applied = plan.apply(*patch); !applied) {
      // The last one may be a patch that did not apply and was not taken back in time.
      if (i + 1 == journal->bodies.size()) break;
      return fail(ErrorCode::kCorrupt, applied.error().message);
    }
    good = journal->ends[i];
  }
  if (!open_journal(good)) journal_ = UniqueFd();
  return {};
}

Result<void> PlanStore::start_journal(const std::string& base) {
  const std::string header = journal_header(base);
  if (auto written = write_file_atomically(journal_path_, header); !written) return written;
  return open_journal(header.size());
}

Result<void> PlanStore::open_journal(std::size_t length) {
  journal_ = UniqueFd(::open(journal_path_.c_str(), O_WRONLY | O_CLOEXEC));
  if (!journal_.valid()) return fail_errno("open", journal_path_);
  return cut_journal(length);
}

Result<void> PlanStore::cut_journal(std::size_t length) {
  const auto end = static_cast<off_t>(length);
  if (::ftruncate(journal_.get(), end) != 0 || ::lseek(journal_.get(), end, SEEK_SET) < 0) {
    return fail_errno("shorten", journal_path_);
  }
  journal_size_ = length;
  before_last_append_ = length;
  return {};
}

Result<void> PlanStore::store(std::string body) {
  const std::string base = checksum(body);
  const std::string file = seal(std::move(body));
  // It belongs to the plan that stands; what is appended after a failure half way would be lost.
  journal_ = UniqueFd();
  if (auto written = write_file_atomically(plan_path_, file); !written) return written;
  plan_size_ = file.size();
  return start_journal(base);
}

Result<void> PlanStore::append(const std::string& body) {
  if (!journal_.valid())
    return fail(ErrorCode::kIo, journal_path_ + " is not open; send the whole plan");
  const std::string record = journal_record(body);
  before_last_append_ = journal_size_;
  auto written = write_all(journal_.get(), record, journal_path_);
  if (written && ::fdatasync(journal_.get()) != 0) written = fail_errno("sync", journal_path_);
  if (!written) {
    static_cast<void>(undo_append());
    return written;
  }
  journal_size_ += record.size();
  return {};
}

Result<void> PlanStore::undo_append() { return cut_journal(before_last_append_); }

bool PlanStore::wants_compaction() const {
  return journal_size_ > std::max(kSmallestCompaction, plan_size_);
}

Result<void> PlanStore::remove() {
  journal_ = UniqueFd();
  if (auto removed = remove_file(plan_path_); !removed) return removed;
  return remove_file(journal_path_);
}

}  // namespace lvs
