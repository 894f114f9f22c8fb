// The last status of every object, and which ones may have changed since. Lives on the loop.
#pragma once

#include <map>
#include <set>
#include <string>

#include "operator/status/build_status.h"
#include "operator/status/status_sink.h"

namespace lvs {

class StatusBook {
 public:
  explicit StatusBook(StatusSink& sink) : sink_(sink) {}

  // What was written by an earlier operator; not written again while it stays true.
  void remember(const ObjectKey& key, VirtualServiceStatus status);
  void remember(const ObjectKey& key, RealServerStatus status);

  // These may have another status now.
  void touch(const SnapshotDelta& changed, const PlanningDelta& planned);
  void touch_node(const StatusSources& sources, const std::string& node);
  [[nodiscard]] bool dirty() const { return !services_dirty_.empty() || !servers_dirty_.empty(); }

  // Builds the status of what was touched; what differs goes to the sink.
  void update(const StatusSources& sources);

 private:
  StatusSink& sink_;
  std::map<ObjectKey, VirtualServiceStatus> services_;
  std::map<ObjectKey, RealServerStatus> servers_;
  std::set<ObjectKey> services_dirty_;
  std::set<ObjectKey> servers_dirty_;
};

}  // namespace lvs
