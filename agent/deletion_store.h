// What the deletion guard must know after a restart: which services are held back, and who asked for
// those that the plan holds no more. Beside the plan on disk, as deletions.txt:
//
//   held TCP 192.0.2.1 80 0 shop/web    (protocol, address, port, firewall mark, VirtualService)
//   gone TCP 192.0.2.1 81 0 shop/web    to be deleted; "-" for a VirtualService that is not known
//
// Threads: the agent loop only.
#pragma once

#include <set>
#include <string>

#include "agent/deletion_guard.h"
#include "base/result.h"

namespace lvs {

struct PendingDeletions {
  ServiceOwners owners;
  std::set<ServiceKey> held;

  bool operator==(const PendingDeletions&) const = default;
};

class DeletionStore {
 public:
  // `folder` must exist.
  explicit DeletionStore(const std::string& folder) : path_(folder + "/deletions.txt") {}

  // Nothing pending where there is no file; kCorrupt where it is not as it was written.
  [[nodiscard]] Result<PendingDeletions> load();
  // On disk when it returns; writes only what is not there already.
  Result<void> save(const PendingDeletions& pending);
  // At uninstall.
  Result<void> remove();

 private:
  std::string path_;
  PendingDeletions saved_;
};

}  // namespace lvs
