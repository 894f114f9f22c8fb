// The interfaces whose accept_local we have set for probes through a VIP. In the run folder, which
// lives as long as the kernel's values do.
#pragma once

#include <string>

#include "base/result.h"
#include "core/probe_path.h"

namespace lvs {

class PathStore {
 public:
  // `folder` must exist.
  explicit PathStore(const std::string& folder) : path_(folder + "/accept-local-before") {}

  // Empty when nothing was stored. kCorrupt: which are ours is not known.
  Result<SavedAcceptLocal> load() const;
  Result<void> store(const SavedAcceptLocal& saved) const;

 private:
  std::string path_;
};

}  // namespace lvs
