// The ARP settings that interfaces had before we touched them. In the run folder, which lives as
// long as the kernel's values do: after a boot both are gone together.
#pragma once

#include <string>

#include "base/result.h"
#include "core/diff.h"

namespace lvs {

class ArpStore {
 public:
  // `folder` must exist.
  explicit ArpStore(const std::string& folder) : path_(folder + "/arp-before") {}

  // Empty when nothing was stored. kCorrupt: the old values are not known; they are not put back.
  Result<SavedArpValues> load() const;
  Result<void> store(const SavedArpValues& saved) const;

 private:
  std::string path_;
};

}  // namespace lvs
