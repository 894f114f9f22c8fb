#include "core/planner_selection.h"

#include <algorithm>
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

void join(ServerList& list, ServerRecord& server) {
  server.places.push_back({&list, list.size()});
  list.push_back(&server);
}

void leave(ServerList& list, ServerRecord& server) {
  const auto place_of = [&list](ServerRecord& record) {
    return std::find_if(record.places.begin(), record.places.end(),
                        [&list](const ServerPlace& place) { return place.list == &list; });
  };
  const auto place = place_of(server);
  if (place == server.places.end()) return;
  ServerRecord& last = *list.back();
  place_of(last)->index = place->index;
  list[place->index] = &last;
  list.pop_back();
  server.places.erase(place_of(server));
}

void SelectionIndex::drop_if_empty(const std::string& key) {
  const auto bucket = buckets_.find(key);
  if (bucket == buckets_.end()) return;
  if (bucket->second.servers.empty() && bucket->second.services.empty()) buckets_.erase(bucket);
}

void SelectionIndex::add(ServerRecord& server) {
  const auto& meta = server.object->meta;
  for (const auto& [name, value] : meta.labels) {
    join(buckets_[label_key(meta.key.ns, name, value)].servers, server);
  }
}

void SelectionIndex::remove(ServerRecord& server) {
  const auto& meta = server.object->meta;
  for (const auto& [name, value] : meta.labels) {
    const std::string key = label_key(meta.key.ns, name, value);
    leave(buckets_[key].servers, server);
    drop_if_empty(key);
  }
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
  buckets_[home->second].services.erase(&service);
  drop_if_empty(home->second);
  homes_.erase(home);
}

std::vector<ServerRecord*> SelectionIndex::servers_of(
    const VirtualService& service, std::map<ObjectKey, ServerRecord>& all_servers) const {
  const LabelSelector& selector = service.spec.real_server_selector;
  const std::string& ns = service.meta.key.ns;
  std::vector<ServerRecord*> found;
  const auto consider = [&](ServerRecord& server) {
    if (selector.matches(server.object->meta.labels)) found.push_back(&server);
  };
  const ServerList* fewest = nullptr;
  for (const auto& [name, value] : selector.match_labels) {
    const auto bucket = buckets_.find(label_key(ns, name, value));
    if (bucket == buckets_.end()) return {};
    const ServerList& servers = bucket->second.servers;
    if (fewest == nullptr || servers.size() < fewest->size()) fewest = &servers;
  }
  if (fewest != nullptr) {
    for (ServerRecord* server : *fewest) consider(*server);
    return found;
  }
  for (auto at = all_servers.lower_bound({ns, ""}); at != all_servers.end() && at->first.ns == ns;
       ++at) {
    if (at->second.invalid.empty()) consider(at->second);
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
