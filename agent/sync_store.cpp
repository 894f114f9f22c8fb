#include "agent/sync_store.h"

#include <sstream>

#include "agent/sealed_file.h"

namespace lvs {
namespace {

std::string text_of(const StoredSync& stored) {
  std::ostringstream out;
  for (const auto& [name, setting] : stored.saved.settings) {
    out << "setting " << name << "\n" << setting.before << "\n" << setting.ours << "\n";
  }
  for (const SyncDaemon& daemon : stored.saved.started) {
    out << "daemon " << static_cast<int>(daemon.role) << " " << daemon.interface << " " << daemon.id
        << " " << daemon.group.to_string() << " " << daemon.port << "\n";
  }
  if (stored.since) out << "since " << stored.since->time_since_epoch().count() << "\n";
  return out.str();
}

bool read_setting(std::istream& line, std::istream& lines, StoredSync& stored) {
  std::string name;
  SavedSetting setting;
  if (!(line >> name) || !std::getline(lines, setting.before) ||
      !std::getline(lines, setting.ours)) {
    return false;
  }
  stored.saved.settings[name] = std::move(setting);
  return true;
}

bool read_daemon(std::istream& line, StoredSync& stored) {
  SyncDaemon daemon;
  int role = 0;
  std::string group;
  if (!(line >> role >> daemon.interface >> daemon.id >> group >> daemon.port)) return false;
  const auto address = IpAddress::parse(group);
  if (!address) return false;
  daemon.role = role == static_cast<int>(SyncRole::kMaster) ? SyncRole::kMaster : SyncRole::kBackup;
  daemon.group = *address;
  stored.saved.started.push_back(std::move(daemon));
  return true;
}

bool read_since(std::istream& line, StoredSync& stored) {
  Duration::rep count = 0;
  if (!(line >> count)) return false;
  stored.since = TimePoint{Duration{count}};
  return true;
}

bool read_line(const std::string& text, std::istream& lines, StoredSync& stored) {
  std::istringstream line(text);
  std::string kind;
  line >> kind;
  if (kind == "setting") return read_setting(line, lines, stored);
  if (kind == "daemon") return read_daemon(line, stored);
  return kind == "since" && read_since(line, stored);
}

}  // namespace

Result<StoredSync> SyncStore::load() const {
  static const std::string kLost = "the IPVS settings of before are not known";
  const auto text = read_sealed_file(path_, kLost);
  if (!text) return tl::unexpected(text.error());
  StoredSync stored;
  std::istringstream lines(text->value_or(""));
  for (std::string line; std::getline(lines, line);) {
    if (read_line(line, lines, stored)) continue;
    return fail(ErrorCode::kCorrupt, path_ + " is not what was written; " + kLost);
  }
  return stored;
}

Result<void> SyncStore::store(const StoredSync& stored) const {
  return write_sealed_file(path_, text_of(stored));
}

}  // namespace lvs
