#include "agent/deletion_store.h"

#include <sstream>

#include "agent/files.h"
#include "api/terms.h"

namespace lvs {
namespace {

constexpr const char* kNobody = "-";

void write_line(std::ostream& out, bool held, const ServiceKey& key, const ServiceOwners& owners) {
  const auto owner = owners.find(key);
  out << (held ? "held " : "gone ") << to_string(key.protocol) << " " << key.address.to_string()
      << " " << key.port << " " << key.firewall_mark << " "
      << (owner == owners.end() ? kNobody : owner->second.ns + "/" + owner->second.name) << "\n";
}

bool read_line(const std::string& line, PendingDeletions& pending) {
  std::istringstream words(line);
  std::string state;
  std::string protocol;
  std::string address;
  std::string owner;
  ServiceKey key;
  words >> state >> protocol >> address >> key.port >> key.firewall_mark >> owner;
  const auto known_protocol = parse_protocol(protocol);
  const auto known_address = IpAddress::parse(address);
  const bool sound =
      words && (state == "held" || state == "gone") && known_protocol && known_address.has_value();
  if (!sound) return false;
  key.protocol = *known_protocol;
  key.address = *known_address;
  if (state == "held") pending.held.insert(key);
  if (owner == kNobody) return true;
  const auto slash = owner.find('/');
  if (slash == std::string::npos) return false;
  pending.owners[key] = {owner.substr(0, slash), owner.substr(slash + 1)};
  return true;
}

}  // namespace

Result<PendingDeletions> DeletionStore::load() {
  const auto text = read_file(path_);
  if (!text) return tl::unexpected(text.error());
  PendingDeletions pending;
  std::istringstream lines(text->value_or(""));
  for (std::string line; std::getline(lines, line);) {
    if (read_line(line, pending)) continue;
    return fail(ErrorCode::kCorrupt, path_ + ": \"" + line + "\" is not as it was written");
  }
  saved_ = pending;
  return pending;
}

Result<void> DeletionStore::save(const PendingDeletions& pending) {
  if (pending == saved_) return {};
  std::ostringstream text;
  for (const ServiceKey& key : pending.held) write_line(text, true, key, pending.owners);
  for (const auto& [key, owner] : pending.owners) {
    if (pending.held.count(key) == 0) write_line(text, false, key, pending.owners);
  }
  if (auto written = write_file_atomically(path_, text.str()); !written) return written;
  saved_ = pending;
  return {};
}

Result<void> DeletionStore::remove() {
  saved_ = {};
  return remove_file(path_);
}

}  // namespace lvs
