#include "agent/mirror.h"

#include <algorithm>

namespace lvs {

std::vector<ObservedDestination>::iterator lower_bound_by_key(
    std::vector<ObservedDestination>& sorted, const DestinationKey& key) {
  return std::lower_bound(sorted.begin(), sorted.end(), key,
                          [](const ObservedDestination& d, const auto& k) { return d.key < k; });
}

// The smallest protocol number is 0 as far as the ordering is concerned.
ServiceKey first_key_of(const IpAddress& address) {
  return ServiceKey{address, static_cast<Protocol>(0), 0, 0};
}

std::set<ServiceKey> Mirror::replace_services(std::vector<ObservedService> services) {
  std::set<ServiceKey> changed;
  std::map<ServiceKey, Entry> fresh;
  for (ObservedService& service : services) {
    const ServiceKey key = service.key;
    const auto known = entries_.find(key);
    Entry entry{std::move(service), false};
    if (known == entries_.end()) {
      changed.insert(key);
    } else {
      const ObservedService& before = known->second.service;
      if (before.config != entry.service.config || before.owned != entry.service.owned) {
        changed.insert(key);
      }
      entry.service.destinations = std::move(known->second.service.destinations);
      entry.destinations_known = known->second.destinations_known;
      entries_.erase(known);
    }
    fresh.emplace_hint(fresh.end(), key, std::move(entry));
  }
  for (const auto& [key, vanished] : entries_) changed.insert(key);
  last_changed_ = nullptr;
  entries_ = std::move(fresh);
  return changed;
}

void Mirror::replace_destinations(const ServiceKey& key,
                                  std::vector<ObservedDestination> destinations) {
  const auto at = entries_.find(key);
  if (at == entries_.end()) return;
  at->second.service.destinations = std::move(destinations);
  at->second.destinations_known = true;
}

void Mirror::apply(const Operation& operation) {
  std::visit([this](const auto& o) { run(o); }, operation);
}

void Mirror::doubt(const ServiceKey& key) {
  if (const auto at = entries_.find(key); at != entries_.end()) {
    at->second.destinations_known = false;
  }
}

void Mirror::reserve(const ServiceKey& key, std::size_t destinations) {
  if (const auto at = entries_.find(key); at != entries_.end()) {
    at->second.service.destinations.reserve(destinations);
  }
}

const Mirror::Entry* Mirror::find(const ServiceKey& key) const {
  const auto at = entries_.find(key);
  return at == entries_.end() ? nullptr : &at->second;
}

std::vector<ServiceKey> Mirror::owned() const {
  std::vector<ServiceKey> keys;
  for (const auto& [key, entry] : entries_) {
    if (entry.service.owned) keys.push_back(key);
  }
  return keys;
}

std::size_t Mirror::owned_count() const {
  return static_cast<std::size_t>(
      std::count_if(entries_.begin(), entries_.end(),
                    [](const auto& entry) { return entry.second.service.owned; }));
}

bool Mirror::has_service_of(const IpAddress& vip) const {
  for (auto at = entries_.lower_bound(first_key_of(vip));
       at != entries_.end() && at->first.address == vip; ++at) {
    if (!at->second.service.config.scheduler.empty()) return true;
  }
  return false;
}

std::vector<ObservedDestination> Mirror::draining(const ServiceKey& key,
                                                  const PlannedService& planned) const {
  std::vector<ObservedDestination> left;
  const Entry* entry = find(key);
  if (entry == nullptr) return left;
  auto wanted = planned.destinations.begin();
  for (const ObservedDestination& present : entry->service.destinations) {
    while (wanted != planned.destinations.end() && wanted->key < present.key) ++wanted;
    if (wanted == planned.destinations.end()) break;
    if (wanted->key != present.key || wanted->admission != Admission::kDrain) continue;
    const ConnectionCounts& connections = present.connections;
    if (connections.active + connections.inactive > 0) left.push_back(present);
  }
  return left;
}

std::size_t Mirror::destination_count() const {
  std::size_t count = 0;
  for (const auto& [key, entry] : entries_) count += entry.service.destinations.size();
  return count;
}

Mirror::Entry* Mirror::find_to_change(const ServiceKey& key) {
  if (last_changed_ != nullptr && last_changed_->service.key == key) return last_changed_;
  const auto at = entries_.find(key);
  last_changed_ = at == entries_.end() ? nullptr : &at->second;
  return last_changed_;
}

void Mirror::run(const NewService& o) {
  entries_[o.key] = Entry{ObservedService{o.key, o.config, true, {}, {}}, true};
}

void Mirror::run(const SetService& o) {
  Entry* entry = find_to_change(o.key);
  if (entry == nullptr) return;
  entry->service.config = o.config;
  entry->service.owned = true;
}

void Mirror::run(const DeleteService& o) {
  last_changed_ = nullptr;
  entries_.erase(o.key);
}

void Mirror::run(const NewDestination& o) {
  Entry* entry = find_to_change(o.service);
  if (entry == nullptr) return;
  auto& list = entry->service.destinations;
  const bool comes_last = list.empty() || list.back().key < o.key;
  list.insert(comes_last ? list.end() : lower_bound_by_key(list, o.key),
              ObservedDestination{o.key, o.config, {}, {}});
}

void Mirror::run(const SetDestination& o) {
  Entry* entry = find_to_change(o.service);
  if (entry == nullptr) return;
  auto& list = entry->service.destinations;
  const auto place = lower_bound_by_key(list, o.key);
  if (place != list.end() && place->key == o.key) place->config = o.config;
}

void Mirror::run(const DeleteDestination& o) {
  Entry* entry = find_to_change(o.service);
  if (entry == nullptr) return;
  auto& list = entry->service.destinations;
  const auto place = lower_bound_by_key(list, o.key);
  if (place != list.end() && place->key == o.key) list.erase(place);
}

}  // namespace lvs
