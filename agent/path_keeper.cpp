#include "agent/path_keeper.h"

#include <utility>

#include "core/format.h"
#include "telemetry/log.h"

namespace lvs {
namespace {

constexpr const char* kPathsPart = "checks through the VIP";

}  // namespace

void PathKeeper::start() {
  auto saved = store_.load();
  if (saved) {
    saved_ = std::move(*saved);
    return;
  }
  log_error("stored accept_local is unreadable", {{"error", saved.error().message}});
  problems_.set({"stored accept_local", "SavedAcceptLocalUnknown",
                 saved.error().message + "; it stays as it is"});
}

bool PathKeeper::work(const NodePlan& plan, const ObservedNetwork& network) {
  const bool wanted = wants_paths(plan);
  if (!wanted && empty_) return false;
  if (auto done = read(); !done) {
    problems_.replace_part(kPathsPart, {{kPathsPart, "KernelUnavailable", done.error().message}});
    return false;
  }
  RealisedPaths realised = realise_paths(plan, network, observed_, marks_);
  if (auto done = change(realised.desired, realised.problems); !done) {
    realised.problems.push_back({kPathsPart, "KernelUnavailable", done.error().message});
  }
  empty_ = !wanted && observed_.services.empty() && saved_.empty();
  problems_.replace_part(kPathsPart, std::move(realised.problems));
  ProbePaths ready = ready_paths(realised.desired, observed_);
  return std::exchange(ready_, std::move(ready)) != ready_;
}

Result<void> PathKeeper::read() {
  auto observed = kernel_.dump_paths();
  if (!observed) return tl::unexpected(observed.error());
  observed_ = std::move(*observed);
  return {};
}

Result<void> PathKeeper::change(const DesiredPaths& desired, std::vector<ProblemReport>& problems) {
  const PathChange change = diff_paths(desired, observed_, saved_);
  if (auto stored = remember(change.saved); !stored) return stored;
  if (!change.operations.empty()) {
    apply(change.operations, problems);
    if (auto done = read(); !done) return done;
  }
  PathChange left = diff_paths(desired, observed_, saved_);
  pending_ = std::move(left.operations);
  return remember(left.saved);
}

Result<void> PathKeeper::remember(const SavedAcceptLocal& saved) {
  if (saved == saved_) return {};
  if (auto done = store_.store(saved); !done) return done;
  saved_ = saved;
  return {};
}

void PathKeeper::apply(const ChangeSet& operations, std::vector<ProblemReport>& problems) {
  const ApplyReport report = kernel_.apply(operations);
  metrics_.applied(operations, report);
  writes_ += operations.size() - report.failures.size();
  log_info("paths of checks changed",
           {{"operations", operations.size()}, {"first", format(operations.front())}});
  for (const OperationFailure& failure : report.failures) {
    problems.push_back({kPathsPart, "KernelRefused", failure.error.message});
    log_error("kernel refused", {{"error", failure.error.message}});
  }
}

Result<void> PathKeeper::remove_everything() {
  if (auto done = read(); !done) return done;
  std::vector<ProblemReport> problems;
  if (auto done = change(DesiredPaths{}, problems); !done) return done;
  if (problems.empty()) return {};
  return fail(ErrorCode::kIo, problems.front().message);
}

}  // namespace lvs
