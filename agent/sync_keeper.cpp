#include "agent/sync_keeper.h"

#include <algorithm>

#include "core/format.h"
#include "telemetry/log.h"

namespace lvs {
namespace {

constexpr const char* kSyncPart = "connection sync";

bool hears_segment(const ObservedNetwork& network, const DesiredSync& desired) {
  if (desired.daemons.empty()) return true;
  const ObservedLink* link = find_link(network, desired.daemons.front().interface);
  return link != nullptr && link->up && link->carrier;
}

}  // namespace

void SyncKeeper::start(TimePoint now) {
  started_ = now;
  kept_since_ = now;
  auto stored = store_.load();
  if (stored) {
    stored_ = std::move(*stored);
    return;
  }
  log_error("stored sync settings are unreadable", {{"error", stored.error().message}});
  problems_.set({"stored sync settings", "SavedSyncUnknown",
                 stored.error().message + "; they stay as they are, and so do running daemons"});
}

void SyncKeeper::work(const NodePlan& plan, const ObservedNetwork& network, TimePoint now) {
  auto observed = kernel_.dump_sync();
  if (!observed) {
    problems_.replace_part(kSyncPart, {{kSyncPart, "KernelUnavailable", observed.error().message}});
    return;
  }
  observed_ = std::move(*observed);
  RealisedSync wanted = realise_sync(plan, options_, network, observed_, stored_.saved.started);
  const bool ran = runs(wanted.desired);
  // Without ip_vs there are no settings yet; it comes with the first service.
  if (!observed_.settings.empty()) {
    if (auto done = change(wanted.desired, wanted.problems); !done) {
      wanted.problems.push_back({kSyncPart, "KernelUnavailable", done.error().message});
    }
  }
  measure(wanted.desired, hears_segment(network, wanted.desired), ran, now);
  problems_.replace_part(kSyncPart, std::move(wanted.problems));
}

Result<void> SyncKeeper::change(const DesiredSync& desired, std::vector<ProblemReport>& problems) {
  const SyncChange change = diff_sync(desired, observed_, stored_.saved);
  if (auto stored = remember({change.saved, stored_.since}); !stored) return stored;
  if (!change.operations.empty()) {
    apply(change.operations, problems);
    auto observed = kernel_.dump_sync();
    if (!observed) return tl::unexpected(observed.error());
    observed_ = std::move(*observed);
  }
  SyncChange left = diff_sync(desired, observed_, stored_.saved);
  pending_ = std::move(left.operations);
  return remember({left.saved, stored_.since});
}

Result<void> SyncKeeper::remember(const StoredSync& stored) {
  if (stored == stored_) return {};
  if (auto done = store_.store(stored); !done) return done;
  stored_ = stored;
  return {};
}

void SyncKeeper::apply(const ChangeSet& operations, std::vector<ProblemReport>& problems) {
  const ApplyReport report = kernel_.apply(operations);
  metrics_.applied(operations, report);
  writes_ += operations.size() - report.failures.size();
  for (const Operation& operation : operations) {
    log_info("sync change", {{"operation", format(operation)}});
  }
  for (const OperationFailure& failure : report.failures) {
    problems.push_back({kSyncPart, "KernelRefused", failure.error.message});
    log_error("kernel refused", {{"error", failure.error.message}});
  }
}

bool SyncKeeper::runs(const DesiredSync& desired) const {
  return std::all_of(
      desired.daemons.begin(), desired.daemons.end(), [this](const SyncDaemon& daemon) {
        return std::binary_search(observed_.daemons.begin(), observed_.daemons.end(), daemon);
      });
}

// Who did not hear the others, for want of a daemon or a cable, has missed connections.
void SyncKeeper::measure(const DesiredSync& desired, bool hears, bool ran, TimePoint now) {
  StoredSync stored = stored_;
  const bool kept = runs(desired) && hears;
  if (!kept || !ran || desired.daemons.empty()) stored.since.reset();
  if (!desired.daemons.empty() && kept && stored.since.value_or(now) >= now) stored.since = now;
  kept_since_ = desired.daemons.empty() ? started_ : stored.since;
  metrics_.connections_synced(desired.daemons.empty() ? std::nullopt : std::optional(kept));
  if (auto remembered = remember(stored); !remembered) {
    log_warning("cannot store since when connections are synced",
                {{"error", remembered.error().message}});
  }
}

void SyncKeeper::tell_connections(const std::set<IpAddress>& vips) {
  const auto master =
      std::find_if(observed_.daemons.begin(), observed_.daemons.end(),
                   [](const SyncDaemon& each) { return each.role == SyncRole::kMaster; });
  if (master != observed_.daemons.end() && !vips.empty()) kernel_.tell_connections(vips, *master);
}

Result<void> SyncKeeper::remove_everything() {
  auto observed = kernel_.dump_sync();
  if (!observed) return tl::unexpected(observed.error());
  observed_ = std::move(*observed);
  std::vector<ProblemReport> problems;
  stored_.since.reset();
  if (auto done = change(DesiredSync{}, problems); !done) return done;
  if (problems.empty()) return {};
  return fail(ErrorCode::kIo, problems.front().message);
}

}  // namespace lvs
