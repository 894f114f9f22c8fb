#include "agent/path_store.h"

#include <sstream>

#include "agent/sealed_file.h"

namespace lvs {

// One interface in each line.
Result<SavedAcceptLocal> PathStore::load() const {
  const auto text = read_sealed_file(path_, "where accept_local is ours is not known");
  if (!text) return tl::unexpected(text.error());
  SavedAcceptLocal saved;
  std::istringstream lines(text->value_or(""));
  for (std::string interface; lines >> interface;) saved.insert(interface);
  return saved;
}

Result<void> PathStore::store(const SavedAcceptLocal& saved) const {
  std::string body;
  for (const std::string& interface : saved) body += interface + "\n";
  return write_sealed_file(path_, std::move(body));
}

}  // namespace lvs
