#include <algorithm>

#include "core/diff.h"

namespace lvs {
namespace {

bool holds_daemon(const std::vector<SyncDaemon>& daemons, const SyncDaemon& daemon) {
  return std::find(daemons.begin(), daemons.end(), daemon) != daemons.end();
}

class SyncDiff {
 public:
  SyncDiff(const DesiredSync& desired, const ObservedSync& observed, const SavedSync& saved)
      : desired_(desired), observed_(observed), result_{{}, saved} {}

  SyncChange run() && {
    const bool anew = threads_change();
    for (const SyncDaemon& present : observed_.daemons) {
      const bool keep = holds_daemon(desired_.daemons, present) && !anew;
      if (!keep && holds_daemon(result_.saved.started, present)) stop(present);
    }
    set();
    restore();
    for (const SyncDaemon& wanted : desired_.daemons) {
      if (!holds_daemon(left_, wanted)) start(wanted);
    }
    forget_ended();
    return std::move(result_);
  }

 private:
  bool threads_change() {
    left_ = observed_.daemons;
    const auto wanted = desired_.settings.find(kSyncPorts);
    const auto present = observed_.settings.find(kSyncPorts);
    return wanted != desired_.settings.end() && present != observed_.settings.end() &&
           wanted->second != present->second;
  }

  void stop(const SyncDaemon& daemon) {
    result_.operations.push_back(StopSyncDaemon{daemon.role});
    std::erase(left_, daemon);
  }

  void set() {
    for (const auto& [name, value] : desired_.settings) {
      const auto present = observed_.settings.find(name);
      if (present == observed_.settings.end() || present->second == value) continue;
      const auto saved =
          result_.saved.settings.try_emplace(name, SavedSetting{present->second, value});
      saved.first->second.ours = value;
      result_.operations.push_back(SetIpvsSetting{name, value});
    }
  }

  // A value that is no longer the one that we set was set by somebody else since: it stays. The old
  // one is remembered until it was read back.
  void restore() {
    std::erase_if(result_.saved.settings, [this](const auto& entry) {
      const auto& [name, saved] = entry;
      if (desired_.settings.contains(name)) return false;
      const auto present = observed_.settings.find(name);
      if (present == observed_.settings.end() || present->second != saved.ours) return true;
      result_.operations.push_back(SetIpvsSetting{name, saved.before});
      return saved.before == saved.ours;
    });
  }

  void start(const SyncDaemon& daemon) {
    result_.operations.push_back(StartSyncDaemon{daemon});
    if (!holds_daemon(result_.saved.started, daemon)) result_.saved.started.push_back(daemon);
  }

  // Those that stop are remembered until they were seen to be gone.
  void forget_ended() {
    std::erase_if(result_.saved.started, [&](const SyncDaemon& each) {
      return !holds_daemon(observed_.daemons, each) && !holds_daemon(desired_.daemons, each);
    });
    std::sort(result_.saved.started.begin(), result_.saved.started.end());
  }

  const DesiredSync& desired_;
  const ObservedSync& observed_;
  std::vector<SyncDaemon> left_;
  SyncChange result_;
};

}  // namespace

std::string to_string(SyncRole role) { return role == SyncRole::kMaster ? "master" : "backup"; }

SyncChange diff_sync(const DesiredSync& desired, const ObservedSync& observed,
                     const SavedSync& saved) {
  return SyncDiff(desired, observed, saved).run();
}

}  // namespace lvs
