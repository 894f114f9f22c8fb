// Sync daemons and IPVS settings.
#include <algorithm>
#include <cerrno>

#include "tests/support/fake_kernel.h"

namespace lvs::testing {

Result<ObservedSync> FakeKernel::dump_sync() {
  if (auto error = take_dump_error()) return tl::unexpected(*error);
  ObservedSync sync{{}, settings_};
  for (const auto& [role, daemon] : daemons_) sync.daemons.push_back(daemon);
  return sync;
}

void FakeKernel::put_foreign_daemon(const SyncDaemon& daemon) { daemons_[daemon.role] = daemon; }

void FakeKernel::tell_connections(const std::set<IpAddress>& vips, const SyncDaemon& master) {
  for (const IpAddress& vip : vips) told_.emplace_back(vip, master);
}

// The kernel tells of connections by one family only.
bool FakeKernel::has_mixed_families() const {
  return std::any_of(services_.begin(), services_.end(), [](const auto& entry) {
    const auto& [key, service] = entry;
    return std::any_of(
        service.destinations.begin(), service.destinations.end(),
        [&, family = key.family()](const auto& d) { return d.first.address.family() != family; });
  });
}

int FakeKernel::change(const StartSyncDaemon& o) {
  if (daemons_.contains(o.daemon.role)) return EEXIST;
  if (has_mixed_families()) return EINVAL;
  if (find_link(o.daemon.interface) == nullptr) return ENODEV;
  if (!o.daemon.group.is_multicast()) return EINVAL;
  daemons_[o.daemon.role] = o.daemon;
  return 0;
}

int FakeKernel::change(const StopSyncDaemon& o) { return daemons_.erase(o.role) == 1 ? 0 : ESRCH; }

int FakeKernel::change(const SetIpvsSetting& o) {
  const auto known = settings_.find(o.name);
  if (known == settings_.end()) return EINVAL;
  known->second = o.value;
  return 0;
}

}  // namespace lvs::testing
