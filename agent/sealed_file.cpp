#include "agent/sealed_file.h"

#include <utility>

#include "agent/files.h"
#include "agent/plan_records.h"

namespace lvs {

Result<std::optional<std::string>> read_sealed_file(const std::string& path,
                                                    const std::string& lost) {
  auto file = read_file(path);
  if (!file || !*file) return file;
  const auto text = unseal(**file);
  if (text) return std::string(*text);
  return fail(ErrorCode::kCorrupt, path + " is not what was written; " + lost);
}

Result<void> write_sealed_file(const std::string& path, std::string text) {
  if (text.empty()) return remove_file(path);
  return write_file_atomically(path, seal(std::move(text)));
}

}  // namespace lvs
