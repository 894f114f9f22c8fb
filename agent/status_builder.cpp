#include "agent/status_builder.h"

#include <algorithm>
#include <set>

namespace lvs {
namespace {

// What drains, and all of a service that should be gone.
std::vector<LingeringDestination> lingering(const Programmer& programmer, const NodePlan& plan) {
  const std::set<ServiceKey> leftovers = programmer.leftovers(plan);
  std::set<ServiceKey> services = leftovers;
  for (const ServiceKey& key : programmer.drains().services()) services.insert(key);
  std::vector<LingeringDestination> list;
  for (const ServiceKey& key : services) {
    const Mirror::Entry* entry = programmer.mirror().find(key);
    if (entry == nullptr) continue;
    const bool all = leftovers.count(key) != 0;
    const auto draining = programmer.drains().destinations(key);
    for (const ObservedDestination& present : entry->service.destinations) {
      if (all || std::binary_search(draining.begin(), draining.end(), present.key)) {
        list.push_back({key, present.key, present.connections});
      }
    }
  }
  return list;
}

}  // namespace

NodeStatus build_status(const StatusSources& sources) {
  NodeStatus status;
  status.node = sources.identity.node;
  status.agent_version = sources.identity.version;
  status.instance = sources.identity.instance;
  status.has_plan = sources.desk.has_plan();
  if (status.has_plan) {
    status.stored_plan = sources.desk.hash();
    status.plan_term = sources.desk.plan().term;
    status.applied_plan = sources.applied;
    status.vips = sources.network.vips();
    status.backends = sources.network.backends();
    status.lingering = lingering(sources.programmer, sources.desk.plan());
    const auto& off_link = sources.programmer.off_link();
    status.off_link.assign(off_link.begin(), off_link.end());
  }
  status.problems = sources.problems.all();
  return status;
}

}  // namespace lvs
