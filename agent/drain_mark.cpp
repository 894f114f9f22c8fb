#include "agent/drain_mark.h"

#include "agent/files.h"

namespace lvs {

Result<void> DrainMark::load() {
  const auto content = read_file(path_);
  if (!content) return tl::unexpected(content.error());
  set_ = content->has_value();
  return {};
}

Result<void> DrainMark::set(bool drained) {
  auto done = drained ? write_file_atomically(path_, "by lvsctl drain\n") : remove_file(path_);
  if (done) set_ = drained;
  return done;
}

}  // namespace lvs
