// What connection sync was like before us, and which daemons are ours since when. In the run
// folder, which lives as long as the kernel's values and its monotonic clock do.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "core/diff.h"

namespace lvs {

struct StoredSync {
  SavedSync saved;
  std::optional<TimePoint> since;  // our daemons keep the table in step
  bool operator==(const StoredSync&) const = default;
};

class SyncStore {
 public:
  // `folder` must exist.
  explicit SyncStore(const std::string& folder) : path_(folder + "/sync-before") {}

  // Empty when nothing was stored. kCorrupt: what was before is not known.
  Result<StoredSync> load() const;
  Result<void> store(const StoredSync& stored) const;

 private:
  std::string path_;
};

}  // namespace lvs
