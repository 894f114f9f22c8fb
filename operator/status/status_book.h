// The last status of every object, and which ones may have changed since. Lives on the loop.
//
// A change touches few objects: after each push an agent reports twice, and on a director of 1,000
// services that must not mean 1,000 new statuses.
#pragma once

#include <map>
#include <memory>
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
  // The node's agent has reported, or come or gone.
  void touch_report(const StatusSources& sources, const std::string& node);
  // The Node is gone.
  void forget_report(const std::string& node) { seen_.erase(node); }
  [[nodiscard]] bool dirty() const { return !services_dirty_.empty() || !servers_dirty_.empty(); }

  // Builds the status of at most `most` of what was touched; what differs goes to the sink, which
  // is flushed when nothing is left.
  void update(const StatusSources& sources, std::size_t most);

 private:
  struct Seen {
    std::shared_ptr<const NodeStatus> report;
    bool reachable = false;
  };
  void touch_addresses(const StatusSources& sources, const std::vector<IpAddress>& before,
                       const std::vector<IpAddress>& after);
  void touch_servers(const StatusSources& sources, const std::string& node);
  void touch_service(const StatusSources& sources, const ObjectKey& key);
  // Services of which the director says something else than before, of one of their servers.
  template <typename Told, typename Key>
  void touch_told(const StatusSources& sources, const std::string& node,
                  const std::vector<Told>& before, const std::vector<Told>& after, const Key& key);
  void touch_vip(const StatusSources& sources, const std::string& node, const IpAddress& vip);
  void tell_director(const StatusSources& sources, const std::string& node,
                     const NodeStatus* before, const NodeStatus* after);
  void touch_difference(const StatusSources& sources, const std::string& node,
                        const NodeStatus& before, const NodeStatus& after);

  void keep(const StatusSources& sources, const ObjectKey& key, const VirtualServiceStatus& status);
  void keep(const StatusSources& sources, const ObjectKey& key, const RealServerStatus& status);

  StatusSink& sink_;
  std::map<ObjectKey, VirtualServiceStatus> services_;
  std::map<ObjectKey, RealServerStatus> servers_;
  std::set<ObjectKey> services_dirty_;
  std::set<ObjectKey> servers_dirty_;
  // VirtualServices that wait for an agent to follow its plan.
  std::set<ObjectKey> unsettled_;
  std::map<std::string, Seen> seen_;
};

}  // namespace lvs
