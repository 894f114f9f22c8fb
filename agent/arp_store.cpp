#include "agent/arp_store.h"

#include <sstream>

#include "agent/sealed_file.h"

namespace lvs {

// One line per interface, "<name> <arp_ignore> <arp_announce>"; interface names have no spaces.
Result<SavedArpValues> ArpStore::load() const {
  const auto text = read_sealed_file(path_, "the ARP settings of before are not known");
  if (!text) return tl::unexpected(text.error());
  SavedArpValues saved;
  std::istringstream lines(text->value_or(""));
  std::string interface;
  SavedArp values;
  while (lines >> interface >> values.ignore >> values.announce) saved[interface] = values;
  return saved;
}

Result<void> ArpStore::store(const SavedArpValues& saved) const {
  std::string body;
  for (const auto& [interface, values] : saved) {
    body += interface + " " + std::to_string(values.ignore) + " " +
            std::to_string(values.announce) + "\n";
  }
  return write_sealed_file(path_, std::move(body));
}

}  // namespace lvs
