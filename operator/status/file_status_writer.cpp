#include "operator/status/file_status_writer.h"

#include <cstdio>
#include <fstream>

#include "api/codec.h"
#include "telemetry/log.h"

namespace lvs {

void FileStatusWriter::say(const Id& id, const std::vector<Condition>& conditions) {
  for (const auto& condition : conditions) {
    const std::string text = condition.status + condition.reason + condition.message;
    auto& said = said_[{id, condition.type}];
    if (said == text) continue;
    said = text;
    log(condition.status == "True" ? LogLevel::kInfo : LogLevel::kWarning, "condition",
        {{"kind", to_string(id.first)},
         {"object", to_string(id.second)},
         {"type", condition.type},
         {"status", condition.status},
         {"reason", condition.reason},
         {"message", condition.message}});
  }
}

void FileStatusWriter::write(const ObjectKey& key, const VirtualServiceStatus& status) {
  const Id id{Kind::kVirtualService, key};
  say(id, status.conditions);
  if (path_.empty()) return;
  objects_[id] = encode_status_patch(key, status);
  dirty_ = true;
}

void FileStatusWriter::write(const ObjectKey& key, const RealServerStatus& status) {
  const Id id{Kind::kRealServer, key};
  say(id, status.conditions);
  if (path_.empty()) return;
  objects_[id] = encode_status_patch(key, status);
  dirty_ = true;
}

void FileStatusWriter::tell(const ObjectEvent& event) {
  log(event.warning ? LogLevel::kWarning : LogLevel::kInfo, "event",
      {{"kind", to_string(event.kind)},
       {"object", to_string(event.object)},
       {"reason", event.reason},
       {"note", event.note}});
}

void FileStatusWriter::forget(Kind kind, const ObjectKey& key) {
  const Id id{kind, key};
  std::erase_if(said_, [&](const auto& entry) { return entry.first.first == id; });
  if (objects_.erase(id) > 0) dirty_ = true;
}

void FileStatusWriter::flush() {
  if (!std::exchange(dirty_, false)) return;
  const std::string temporary = path_ + ".new";
  std::ofstream file(temporary, std::ios::trunc);
  const char* separator = "[\n";
  for (const auto& [id, json] : objects_) {
    file << separator << json;
    separator = ",\n";
  }
  file << (objects_.empty() ? "[]\n" : "\n]\n");
  file.close();
  if (!file || std::rename(temporary.c_str(), path_.c_str()) != 0) {
    log_warning("status file cannot be written", {{"file", path_}});
    dirty_ = true;
  }
}

}  // namespace lvs
