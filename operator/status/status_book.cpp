#include "operator/status/status_book.h"

namespace lvs {
namespace {

template <typename Object, typename Status>
void update_all(const StatusSources& sources, const Objects<Object>& objects, Kind kind,
                std::set<ObjectKey>& dirty, std::map<ObjectKey, Status>& known, StatusSink& sink) {
  for (const auto& key : dirty) {
    const auto object = objects.find(key);
    const auto before = known.find(key);
    if (object == objects.end()) {
      if (before == known.end()) continue;
      known.erase(before);
      sink.forget(kind, key);
      continue;
    }
    auto status =
        build_status(sources, *object->second, before == known.end() ? nullptr : &before->second);
    if (before != known.end() && before->second == status) continue;
    sink.write(key, status);
    known.insert_or_assign(key, std::move(status));
  }
  dirty.clear();
}

}  // namespace

void StatusBook::remember(const ObjectKey& key, VirtualServiceStatus status) {
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
  const auto plan = sources.planner.plans().find(node);
  if (plan == sources.planner.plans().end()) return;
  for (const auto& [key, service] : plan->second.plan().services) {
    services_dirty_.insert(service->header.virtual_service);
  }
  for (const auto& [key, server] : sources.cluster.real_servers) {
    if (server->spec.node_name != node) continue;
    servers_dirty_.insert(key);
    const auto services = sources.planner.virtual_services_of(key);
    services_dirty_.insert(services.begin(), services.end());
  }
}

void StatusBook::update(const StatusSources& sources) {
  update_all(sources, sources.cluster.virtual_services, Kind::kVirtualService, services_dirty_,
             services_, sink_);
  update_all(sources, sources.cluster.real_servers, Kind::kRealServer, servers_dirty_, servers_,
             sink_);
}

}  // namespace lvs
