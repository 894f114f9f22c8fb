#include "agent/arp_store.h"

#include <sstream>

#include "agent/files.h"
#include "agent/plan_records.h"

namespace lvs {

// One line per interface, "<name> <arp_ignore> <arp_announce>"; interface names have no spaces.
Result<SavedArpValues> ArpStore::load() const {
  auto file = read_file(path_);
  if (!file) return tl::unexpected(file.error());
  SavedArpValues saved;
  if (!*file) return saved;
  const auto body = unseal(**file);
  if (!body) {
    return fail(ErrorCode::kCorrupt,
                path_ + " is not what was written; the ARP settings of before are not known");
  }
  std::istringstream lines{std::string(*body)};
  std::string interface;
  SavedArp values;
  while (lines >> interface >> values.ignore >> values.announce) saved[interface] = values;
  return saved;
}

Result<void> ArpStore::store(const SavedArpValues& saved) const {
  if (saved.empty()) return remove_file(path_);
  std::string body;
  for (const auto& [interface, values] : saved) {
    body += interface + " " + std::to_string(values.ignore) + " " +
            std::to_string(values.announce) + "\n";
  }
  return write_file_atomically(path_, seal(std::move(body)));
}

}  // namespace lvs
