// The VIPs that nodes accept as real servers: who wants them, and when one that nobody wants any
// more may go. Internal to the planner.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/planner_book.h"
#include "core/planner_records.h"

namespace lvs::planning {

using NodeRecords = std::map<std::string, NodeRecord>;

class Backends {
 public:
  // Brings the nodes' wants in line with what a service claims now, and remembers it there.
  void claim(ServiceRecord& service, std::vector<BackendClaim> now);
  // The node's report lists these VIPs now, or does so no more.
  void touch(NodeRecord& node, const std::set<IpAddress>& vips);
  // The node's plan has come or gone: everything is to be written anew.
  void rewrite(NodeRecord& node);
  // The record is about to go.
  void forget(NodeRecord& node);

  // To be called when the directors' plans are as they will be: writes the backends of touched
  // nodes, then looks which of the held ones may go and writes that too.
  void flush(NodeRecords& nodes, PlanBook& book);

 private:
  void refresh_held(NodeRecord& node, const PlanBook& book);
  void release(NodeRecord& node, const NodeRecords& nodes, const PlanBook& book);

  std::set<NodeRecord*> touched_;
  std::set<NodeRecord*> holding_;
};

// Directors that have not been seen to be done with the backend, by name.
[[nodiscard]] std::vector<const NodeRecord*> waiting_for(const HeldBackend& held,
                                                         const NodeRecords& nodes);

}  // namespace lvs::planning
