#include "core/planner_selection.h"

#include <limits>

namespace lvs::planning {
namespace {

std::string label_key(const std::string& ns, const std::string& name, const std::string& value) {
  std::string key;
  key.reserve(ns.size() + name.size() + value.size() + 2);
  key.append(ns).append(1, '\0').append(name).append(1, '\0').append(value);
  return key;
}

}  // namespace

void SelectionIndex::add(ServerRecord& server) {
  const auto& meta = server.object->meta;
  for (const auto& [name, value] : meta.labels) {
    buckets_[label_key(meta.key.ns, name, value)].servers.insert(&server);
  }
  buckets_[meta.key.ns].servers.insert(&server);
}

void SelectionIndex::remove(ServerRecord& server) {
  const auto& meta = server.object->meta;
  const auto remove_from = [&](const std::string& key) {
    const auto bucket = buckets_.find(key);
    if (bucket == buckets_.end()) return;
    bucket->second.servers.erase(&server);
    if (bucket->second.servers.empty() && bucket->second.services.empty()) buckets_.erase(bucket);
  };
  for (const auto& [name, value] : meta.labels) {
    remove_from(label_key(meta.key.ns, name, value));
  }
  remove_from(meta.key.ns);
}

std::string SelectionIndex::home_of(const VirtualService& service) const {
  std::string home = service.meta.key.ns;
  std::size_t fewest = std::numeric_limits<std::size_t>::max();
  for (const auto& [name, value] : service.spec.real_server_selector.match_labels) {
    std::string key = label_key(service.meta.key.ns, name, value);
    const auto bucket = buckets_.find(key);
    const std::size_t count = bucket == buckets_.end() ? 0 : bucket->second.services.size();
    if (count >= fewest) continue;
    fewest = count;
    home = std::move(key);
  }
  return home;
}

void SelectionIndex::add(ServiceRecord& service) {
  const std::string home = home_of(*service.object);
  buckets_[home].services.insert(&service);
  homes_[&service] = home;
}

void SelectionIndex::remove(ServiceRecord& service) {
  const auto home = homes_.find(&service);
  if (home == homes_.end()) return;
  const auto bucket = buckets_.find(home->second);
  if (bucket != buckets_.end()) {
    bucket->second.services.erase(&service);
    if (bucket->second.servers.empty() && bucket->second.services.empty()) buckets_.erase(bucket);
  }
  homes_.erase(home);
}

std::vector<ServerRecord*> SelectionIndex::servers_of(const VirtualService& service) const {
  const LabelSelector& selector = service.spec.real_server_selector;
  const std::unordered_set<ServerRecord*>* fewest = nullptr;
  const auto consider = [&](const std::string& key) {
    const auto bucket = buckets_.find(key);
    if (bucket == buckets_.end()) return false;
    const auto& servers = bucket->second.servers;
    if (fewest == nullptr || servers.size() < fewest->size()) fewest = &servers;
    return true;
  };
  for (const auto& [name, value] : selector.match_labels) {
    if (!consider(label_key(service.meta.key.ns, name, value))) return {};
  }
  if (fewest == nullptr && !consider(service.meta.key.ns)) return {};
  std::vector<ServerRecord*> found;
  for (ServerRecord* server : *fewest) {
    if (selector.matches(server->object->meta.labels)) found.push_back(server);
  }
  return found;
}

std::vector<ServiceRecord*> SelectionIndex::services_of(const RealServer& server) const {
  std::vector<ServiceRecord*> found;
  const auto consider = [&](const std::string& key) {
    const auto bucket = buckets_.find(key);
    if (bucket == buckets_.end()) return;
    for (ServiceRecord* service : bucket->second.services) {
      if (service->object->spec.real_server_selector.matches(server.meta.labels)) {
        found.push_back(service);
      }
    }
  };
  for (const auto& [name, value] : server.meta.labels) {
    consider(label_key(server.meta.key.ns, name, value));
  }
  consider(server.meta.key.ns);
  return found;
}

}  // namespace lvs::planning
