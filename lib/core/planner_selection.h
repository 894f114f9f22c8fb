// Which VirtualServices select which RealServers, found through the labels. Internal to the
// planner.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/planner_records.h"

namespace lvs::planning {

class SelectionIndex {
 public:
  // Valid objects only; remove() with the object as it was at add().
  void add(ServerRecord& server);
  void remove(ServerRecord& server);
  void add(ServiceRecord& service);
  void remove(ServiceRecord& service);

  // Costs what the rarest label of the selector has; a selector without matchLabels looks at all
  // servers of the namespace.
  [[nodiscard]] std::vector<ServerRecord*> servers_of(
      const VirtualService& service, std::map<ObjectKey, ServerRecord>& all_servers) const;
  [[nodiscard]] std::vector<ServiceRecord*> services_of(const RealServer& server) const;

 private:
  struct Bucket {
    ServerList servers;
    std::unordered_set<ServiceRecord*> services;
  };

  // The bucket of a service: its label with the fewest services, or that of its namespace.
  [[nodiscard]] std::string home_of(const VirtualService& service) const;
  void drop_if_empty(const std::string& key);

  // By namespace and label ("shop\0app\0web"), and by namespace alone ("shop").
  std::unordered_map<std::string, Bucket> buckets_;
  std::unordered_map<const ServiceRecord*, std::string> homes_;
};

}  // namespace lvs::planning
