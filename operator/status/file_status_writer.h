// Where there is no API server to keep the status: conditions and events go to the log, and
// all status into one JSON file where the administrator asked for it.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "operator/status/status_sink.h"

namespace lvs {

class FileStatusWriter final : public StatusSink {
 public:
  // An empty path: log only. The file is replaced as a whole, so that a reader never sees half, and
  // once for all that has changed: it holds everything, whatever the number of changes.
  explicit FileStatusWriter(std::string path) : path_(std::move(path)) {}

  void write(const ObjectKey& key, const VirtualServiceStatus& status) override;
  void write(const ObjectKey& key, const RealServerStatus& status) override;
  void tell(const ObjectEvent& event) override;
  void forget(Kind kind, const ObjectKey& key) override;
  void flush() override;

 private:
  using Id = std::pair<Kind, ObjectKey>;
  void say(const Id& id, const std::vector<Condition>& conditions);

  std::string path_;
  bool dirty_ = false;
  std::map<Id, std::string> objects_;  // as JSON
  std::map<std::pair<Id, std::string>, std::string> said_;
};

}  // namespace lvs
