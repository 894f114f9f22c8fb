#include "agent/status_builder.h"

#include <algorithm>
#include <set>

namespace lvs {
namespace {

bool is_planned(const PlannedService& service, const DestinationKey& key) {
  const auto at = std::lower_bound(service.destinations.begin(), service.destinations.end(), key,
                                   [](const auto& each, const auto& k) { return each.key < k; });
  return at != service.destinations.end() && at->key == key;
}

// What the kernel still has of a service: all where the service should be gone, of a paused one
// what the plan has no more, of any other what drains. Only drains are counted: the rest has no end
// that anybody waits for, and the report of a large table would change all the time.
class Lingering {
 public:
  Lingering(const Programmer& programmer, const NodePlan& plan)
      : programmer_(programmer), plan_(plan), leftovers_(programmer.leftovers(plan)) {}

  std::vector<LingeringDestination> run() && {
    std::set<ServiceKey> services = leftovers_;
    for (const ServiceKey& key : programmer_.drains().services()) services.insert(key);
    for (const auto& [key, service] : plan_.services) {
      if (service->header.paused) services.insert(key);
    }
    for (const ServiceKey& key : services) add(key);
    return std::move(list_);
  }

 private:
  void add(const ServiceKey& key) {
    const Mirror::Entry* entry = programmer_.mirror().find(key);
    if (entry == nullptr) return;
    const bool all = leftovers_.contains(key);
    const auto planned = plan_.services.find(key);
    const bool paused = planned != plan_.services.end() && planned->second->header.paused;
    const auto draining = programmer_.drains().destinations(key);
    for (const ObservedDestination& present : entry->service.destinations) {
      if (std::binary_search(draining.begin(), draining.end(), present.key)) {
        list_.push_back({key, present.key, present.connections});
      } else if (all || (paused && !is_planned(*planned->second, present.key))) {
        list_.push_back({key, present.key, {}});
      }
    }
  }

  const Programmer& programmer_;
  const NodePlan& plan_;
  const std::set<ServiceKey> leftovers_;
  std::vector<LingeringDestination> list_;
};

std::vector<LingeringDestination> draining(const Programmer& programmer, const NodePlan& plan) {
  std::vector<LingeringDestination> all;
  for (const ServiceKey& key : programmer.drained()) {
    for (const auto& each : programmer.mirror().draining(key, *plan.services.at(key))) {
      all.push_back({key, each.key, each.connections});
    }
  }
  return all;
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
    sources.election.complete(status.vips);
    status.backends = sources.network.backends();
    status.lingering = Lingering(sources.programmer, sources.desk.plan()).run();
    status.draining = draining(sources.programmer, sources.desk.plan());
    const auto& off_link = sources.programmer.off_link();
    status.off_link.assign(off_link.begin(), off_link.end());
  }
  status.problems = sources.problems.all();
  return status;
}

}  // namespace lvs
