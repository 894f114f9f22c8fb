#include "operator/status/status_book.h"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "base/sorted_merge.h"
#include "operator/status/conditions.h"
#include "operator/status/status_events.h"

namespace lvs {
namespace {

// The new status where it differs from the known one.
template <typename Object, typename Status>
std::optional<Status> renew(const StatusSources& sources, const Objects<Object>& objects,
                            const ObjectKey& key, const std::map<ObjectKey, Status>& known) {
  const auto before = known.find(key);
  auto status =
      build_status(sources, *objects.at(key), before == known.end() ? nullptr : &before->second);
  if (before != known.end() && before->second == status) return std::nullopt;
  return status;
}

bool is_settled(const VirtualServiceStatus& status) {
  const auto* programmed = find_condition(&status.conditions, "Programmed");
  return programmed != nullptr && programmed->status == "True";
}

}  // namespace

void StatusBook::remember(const ObjectKey& key, VirtualServiceStatus status) {
  if (!is_settled(status)) unsettled_.insert(key);
  services_.emplace(key, std::move(status));
}

void StatusBook::remember(const ObjectKey& key, RealServerStatus status) {
  servers_.emplace(key, std::move(status));
}

void StatusBook::touch(const SnapshotDelta& changed, const PlanningDelta& planned) {
  for (const auto* keys : {&changed.virtual_services, &planned.virtual_services}) {
    services_dirty_.insert(keys->begin(), keys->end());
  }
  for (const auto* keys : {&changed.real_servers, &planned.real_servers}) {
    servers_dirty_.insert(keys->begin(), keys->end());
  }
}

void StatusBook::touch_node(const StatusSources& sources, const std::string& node) {
  touch_servers(sources, node);
  const auto* plan = plan_of(sources, node);
  if (plan == nullptr) return;
  for (const auto& [key, service] : plan->plan().services) {
    touch_service(sources, service->header.virtual_service);
  }
}

// With its servers: what a director says of the one is told by the others, too.
void StatusBook::touch_service(const StatusSources& sources, const ObjectKey& key) {
  services_dirty_.insert(key);
  const auto servers = sources.planner.real_servers_of(key);
  servers_dirty_.insert(servers.begin(), servers.end());
}

void StatusBook::touch_servers(const StatusSources& sources, const std::string& node) {
  for (const auto& [key, server] : sources.cluster.real_servers) {
    if (server->spec.node_name != node) continue;
    servers_dirty_.insert(key);
    const auto services = sources.planner.virtual_services_of(key);
    services_dirty_.insert(services.begin(), services.end());
  }
}

// Of servers that a director has come to reach, or does not reach any more.
void StatusBook::touch_addresses(const StatusSources& sources, const std::vector<IpAddress>& before,
                                 const std::vector<IpAddress>& after) {
  if (before == after) return;
  std::vector<IpAddress> changed;
  std::set_symmetric_difference(before.begin(), before.end(), after.begin(), after.end(),
                                std::back_inserter(changed));
  for (const auto& [key, server] : sources.cluster.real_servers) {
    const auto addresses = addresses_of(sources, *server);
    const bool touched = std::any_of(addresses.begin(), addresses.end(), [&](const auto& address) {
      return std::binary_search(changed.begin(), changed.end(), address);
    });
    if (touched) servers_dirty_.insert(key);
  }
}

void StatusBook::touch_vip(const StatusSources& sources, const std::string& node,
                           const IpAddress& vip) {
  // The node may be no candidate any more.
  auto nodes = sources.planner.candidates_of(vip);
  nodes.push_back(node);
  for (const auto& name : nodes) {
    const auto* plan = plan_of(sources, name);
    if (plan == nullptr) continue;
    const auto& services = plan->plan().services;
    for (auto service = services.lower_bound(ServiceKey{vip, Protocol{}, 0, 0});
         service != services.end() && service->first.address == vip; ++service) {
      touch_service(sources, service->second->header.virtual_service);
    }
  }
}

template <typename Told, typename Key>
void StatusBook::touch_told(const StatusSources& sources, const std::string& node,
                            const std::vector<Told>& before, const std::vector<Told>& after,
                            const Key& key) {
  const auto* plan = plan_of(sources, node);
  if (plan == nullptr) return;
  merge_sorted(before, after, key, [&](const Told* old, const Told* now) {
    if (old != nullptr && now != nullptr && *old == *now) return;
    const auto service = plan->plan().services.find((now != nullptr ? now : old)->service);
    if (service == plan->plan().services.end()) return;
    touch_service(sources, service->second->header.virtual_service);
  });
}

void StatusBook::touch_report(const StatusSources& sources, const std::string& node) {
  const auto report = sources.cluster.reports.find(node);
  Seen now;
  if (report != sources.cluster.reports.end()) now.report = report->second;
  now.reachable = !sources.cluster.unreachable.contains(node);
  const auto before = std::exchange(seen_[node], now);
  const std::vector<IpAddress> none;
  touch_addresses(sources, before.report ? before.report->off_link : none,
                  now.report ? now.report->off_link : none);
  tell_director(sources, node, before.report.get(), now.report.get());
  if (!before.report || !now.report || before.reachable != now.reachable ||
      before.report->problems != now.report->problems) {
    touch_node(sources, node);
  } else {
    touch_difference(sources, node, *before.report, *now.report);
  }
}

void StatusBook::tell_director(const StatusSources& sources, const std::string& node,
                               const NodeStatus* before, const NodeStatus* after) {
  const auto object = sources.cluster.nodes.find({"", node});
  if (before == nullptr || after == nullptr || object == sources.cluster.nodes.end()) return;
  for (const auto& event : events_between(*object->second, *before, *after, sources.now)) {
    sink_.tell(event);
  }
}

void StatusBook::touch_difference(const StatusSources& sources, const std::string& node,
                                  const NodeStatus& before, const NodeStatus& after) {
  merge_sorted(before.vips, after.vips, &VipReport::address,
               [&](const VipReport* old, const VipReport* now) {
                 if (old != nullptr && now != nullptr && *old == *now) return;
                 touch_vip(sources, node, (now != nullptr ? now : old)->address);
               });
  if (before.backends != after.backends) touch_servers(sources, node);
  touch_told(sources, node, before.unhealthy, after.unhealthy,
             [](const UnhealthyServer& each) { return std::tie(each.service, each.server); });
  touch_told(sources, node, before.draining, after.draining,
             [](const LingeringDestination& each) { return std::tie(each.service, each.key); });
  if (before.applied_plan != after.applied_plan || before.has_plan != after.has_plan) {
    services_dirty_.insert(unsettled_.begin(), unsettled_.end());
  }
}

void StatusBook::update(const StatusSources& sources, std::size_t most) {
  for (; most > 0 && !services_dirty_.empty(); --most) {
    const auto key = services_dirty_.extract(services_dirty_.begin()).value();
    if (!sources.cluster.virtual_services.contains(key)) {
      unsettled_.erase(key);
      if (services_.erase(key) > 0) sink_.forget(Kind::kVirtualService, key);
      continue;
    }
    const auto status = renew(sources, sources.cluster.virtual_services, key, services_);
    if (status) keep(sources, key, *status);
  }
  for (; most > 0 && !servers_dirty_.empty(); --most) {
    const auto key = servers_dirty_.extract(servers_dirty_.begin()).value();
    if (!sources.cluster.real_servers.contains(key)) {
      if (servers_.erase(key) > 0) sink_.forget(Kind::kRealServer, key);
      continue;
    }
    const auto status = renew(sources, sources.cluster.real_servers, key, servers_);
    if (status) keep(sources, key, *status);
  }
  if (!dirty()) sink_.flush();
}

void StatusBook::keep(const StatusSources& sources, const ObjectKey& key,
                      const RealServerStatus& status) {
  sink_.write(key, status);
  const auto before = servers_.find(key);
  if (before != servers_.end()) {
    const auto& object = *sources.cluster.real_servers.at(key);
    for (const auto& event : events_between(object, before->second, status, sources.now)) {
      sink_.tell(event);
    }
  }
  servers_.insert_or_assign(key, status);
}

void StatusBook::keep(const StatusSources& sources, const ObjectKey& key,
                      const VirtualServiceStatus& status) {
  unsettled_.erase(key);
  if (!is_settled(status)) unsettled_.insert(key);
  sink_.write(key, status);
  const auto before = services_.find(key);
  if (before != services_.end()) {
    const auto& object = *sources.cluster.virtual_services.at(key);
    for (const auto& event : events_between(object, before->second, status, sources.now)) {
      sink_.tell(event);
    }
  }
  services_.insert_or_assign(key, status);
}

}  // namespace lvs
