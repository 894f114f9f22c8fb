// The file that says that this node is drained by a person's command: it outlives restarts.
//
// Threads: the agent loop only.
#pragma once

#include <string>

#include "base/result.h"

namespace lvs {

class DrainMark {
 public:
  explicit DrainMark(const std::string& state_folder) : path_(state_folder + "/drained") {}

  // Where it cannot be read, the error, and the node counts as not drained.
  Result<void> load();
  Result<void> set(bool drained);
  [[nodiscard]] bool is_set() const { return set_; }

 private:
  std::string path_;
  bool set_ = false;
};

}  // namespace lvs
