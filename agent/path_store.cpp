#include "agent/path_store.h"

#include <sstream>

#include "agent/files.h"
#include "agent/plan_records.h"

namespace lvs {

// One interface in each line.
Result<SavedAcceptLocal> PathStore::load() const {
  auto file = read_file(path_);
  if (!file) return tl::unexpected(file.error());
  SavedAcceptLocal saved;
  if (!*file) return saved;
  const auto body = unseal(**file);
  if (!body) {
    return fail(ErrorCode::kCorrupt,
                path_ + " is not what was written; where accept_local is ours is not known");
  }
  std::istringstream lines{std::string(*body)};
  for (std::string interface; lines >> interface;) saved.insert(interface);
  return saved;
}

Result<void> PathStore::store(const SavedAcceptLocal& saved) const {
  if (saved.empty()) return remove_file(path_);
  std::string body;
  for (const std::string& interface : saved) body += interface + "\n";
  return write_file_atomically(path_, seal(std::move(body)));
}

}  // namespace lvs
