// Objects into records: what an object's change makes dirty.
#include <algorithm>
#include <functional>
#include <utility>

#include "core/planner_claims.h"
#include "core/planner_reports.h"
#include "core/planner_state.h"
#include "core/validate.h"

namespace lvs::planning {
namespace {

template <typename Object>
std::shared_ptr<const Object> find_object(const Objects<Object>& objects, const ObjectKey& key) {
  const auto found = objects.find(key);
  return found == objects.end() ? nullptr : found->second;
}

template <typename Object>
bool same_value(const std::shared_ptr<const Object>& a, const std::shared_ptr<const Object>& b) {
  return a == b || (a != nullptr && b != nullptr && *a == *b);
}

template <typename Record>
void erase_pointer(std::vector<Record*>& list, Record* record) {
  const auto at = std::find(list.begin(), list.end(), record);
  if (at != list.end()) list.erase(at);
}

std::optional<ForcedHealth> forced_of(const ClusterSnapshot& snapshot, const ObjectKey& key) {
  const auto found = snapshot.forced.find(key);
  return found == snapshot.forced.end() ? std::nullopt : std::optional(found->second);
}

bool has_any(const std::vector<IpAddress>& vips, const std::set<IpAddress>& wanted) {
  return std::any_of(vips.begin(), vips.end(),
                     [&wanted](const IpAddress& vip) { return wanted.contains(vip); });
}

}  // namespace

void State::mark(ServiceRecord& record) {
  if (record.dirty) return;
  record.dirty = true;
  dirty_services_.push_back(&record);
}

NodeRecord& State::node_record(const std::string& name) {
  auto& record = nodes_[name];
  if (record.name.empty()) record.name = name;
  return record;
}

// A VIP that equals an address is not programmed.
void State::mark_claimants(const IpAddress& address) {
  const auto vip = vips_.find(address);
  if (vip == vips_.end()) return;
  for (ServiceRecord* service : vip->second.claimants) mark(*service);
}

void State::use_address(const IpAddress& address, AddressUse use) {
  addresses_.emplace(address, use);
  mark_claimants(address);
}

void State::free_address(const IpAddress& address, AddressUse use) {
  const auto [begin, end] = addresses_.equal_range(address);
  const auto at =
      std::find_if(begin, end, [&use](const auto& entry) { return entry.second == use; });
  if (at != end) addresses_.erase(at);
  mark_claimants(address);
}

void State::note_server(const ServerRecord& record) {
  auto& noted = book_.delta().real_servers;
  noted.insert(noted.end(), record.object->meta.key);
}

void State::touch_servers_of(NodeRecord& node) {
  for (ServerRecord* server : node.servers) {
    note_server(*server);
    for (ServiceRecord* service : server->selected_by) mark(*service);
  }
}

void State::ingest_node(const std::string& name, std::shared_ptr<const Node> object) {
  NodeRecord& record = node_record(name);
  const std::shared_ptr<const Node> before = std::exchange(record.object, std::move(object));
  const auto& now = record.object;
  dirty_nodes_.insert(&record);
  const bool was_director = before != nullptr && before->is_director();
  const bool relabelled =
      before == nullptr || now == nullptr || now->meta.labels != before->meta.labels;
  if (relabelled && (was_director || record.is_director())) directors_changed_ = true;
  record.sends = now != nullptr && (record.sends || record.is_director());
  const bool same =
      before != nullptr && now != nullptr && now->internal_ips == before->internal_ips;
  if (same || before == now) return;
  if (before != nullptr) {
    for (const auto& ip : before->internal_ips) free_address(ip, {&record, nullptr});
  }
  if (now != nullptr) {
    for (const auto& ip : now->internal_ips) use_address(ip, {&record, nullptr});
  }
  touch_servers_of(record);
}

void State::ingest_report(const std::string& name, std::shared_ptr<const NodeStatus> report,
                          bool unreachable) {
  NodeRecord& record = node_record(name);
  const std::shared_ptr<const NodeStatus> before = std::exchange(record.report, std::move(report));
  record.unreachable = unreachable;
  dirty_nodes_.insert(&record);
  if (before == record.report) return;
  static const std::vector<BackendReport> kNone;
  const auto changed = compare_backends(before == nullptr ? kNone : before->backends,
                                        record.report == nullptr ? kNone : record.report->backends);
  backends_.touch(record, changed.listed);
  if (before == nullptr || record.report == nullptr) return touch_servers_of(record);
  if (changed.prepared.empty()) return;
  for (ServerRecord* server : record.servers) {
    for (ServiceRecord* service : server->selected_by) {
      if (has_any(service->object->spec.vips, changed.prepared)) mark(*service);
    }
  }
}

void State::detach_server(ServerRecord& record) {
  const auto& address = record.object->spec.address;
  if (address) free_address(*address, {nullptr, &record});
  if (record.node == nullptr) return;
  leave(record.node->servers, record);
  dirty_nodes_.insert(record.node);
  record.node = nullptr;
}

void State::attach_server(ServerRecord& record) {
  const RealServerSpec& spec = record.object->spec;
  if (spec.address) use_address(*spec.address, {nullptr, &record});
  if (spec.node_name.empty()) return;
  record.node = &node_record(spec.node_name);
  join(record.node->servers, record);
  dirty_nodes_.insert(record.node);
}

void State::unselect_server(ServerRecord& record) {
  selection_.remove(record);
  for (ServiceRecord* service : record.selected_by) erase_pointer(service->selected, &record);
  record.selected_by.clear();
}

void State::select_server(ServerRecord& record) {
  selection_.add(record);
  record.selected_by = selection_.services_of(*record.object);
  for (ServiceRecord* service : record.selected_by) {
    auto& selected = service->selected;
    selected.insert(std::lower_bound(selected.begin(), selected.end(), &record, std::less<>()),
                    &record);
  }
}

void State::ingest_server(const ObjectKey& key, std::shared_ptr<const RealServer> object,
                          const std::optional<ForcedHealth>& forced) {
  const auto at =
      object == nullptr ? servers_.find(key) : servers_.try_emplace(servers_.end(), key);
  if (at == servers_.end()) return;
  ServerRecord& record = at->second;
  const bool known = record.object != nullptr;
  const bool gone = object == nullptr;
  if (known && same_value(record.object, object) && record.forced == forced) return;
  record.forced = forced;
  Diagnostics invalid = gone ? Diagnostics() : validate(*object);
  const bool was_usable = known && record.invalid.empty();
  const bool usable = !gone && invalid.empty();
  const bool reselect = !was_usable || !usable || object->meta.labels != record.object->meta.labels;
  for (ServiceRecord* service : record.selected_by) mark(*service);
  if (was_usable) detach_server(record);
  if (was_usable && reselect) unselect_server(record);
  if (!gone) record.object = std::move(object);
  record.invalid = std::move(invalid);
  note_server(record);
  if (gone) {
    // Pools as they were at the beginning of this update still point to the record.
    gone_servers_.push_back(servers_.extract(at));
    return;
  }
  if (usable) attach_server(record);
  if (usable && reselect) select_server(record);
  for (ServiceRecord* service : record.selected_by) mark(*service);
}

void State::unselect_service(ServiceRecord& record) {
  selection_.remove(record);
  for (ServerRecord* server : record.selected) {
    erase_pointer(server->selected_by, &record);
    if (!everything_) note_server(*server);
  }
  record.selected.clear();
}

void State::select_service(ServiceRecord& record) {
  selection_.add(record);
  record.selected = selection_.servers_of(*record.object, servers_);
  std::sort(record.selected.begin(), record.selected.end(), std::less<>());
  for (ServerRecord* server : record.selected) {
    server->selected_by.push_back(&record);
    if (!everything_) note_server(*server);
  }
}

void State::drop_claims(ServiceRecord& record) {
  for (const auto& vip : record.object->spec.vips) {
    vips_[vip].claimants.erase(&record);
    dirty_claims_.insert(vip);
  }
}

void State::make_claims(ServiceRecord& record) {
  for (const auto& vip : record.object->spec.vips) {
    vips_[vip].claimants.insert(&record);
    dirty_claims_.insert(vip);
  }
}

void State::ingest_service(const ObjectKey& key, std::shared_ptr<const VirtualService> object) {
  const bool known = services_.contains(key);
  if (!known && object == nullptr) return;
  ServiceRecord& record = services_[key];
  if (known && object != nullptr && same_value(record.object, object)) return;
  book_.delta().virtual_services.insert(key);
  mark(record);
  Diagnostics invalid = object == nullptr ? Diagnostics() : validate(*object);
  const bool was_usable = known && record.invalid.empty();
  const bool usable = object != nullptr && invalid.empty();
  const bool both = was_usable && usable;
  const bool reclaim = !both || !same_claims(*record.object, *object);
  const bool reselect =
      !both || record.object->spec.real_server_selector != object->spec.real_server_selector;
  if (was_usable && reclaim) drop_claims(record);
  if (was_usable && reselect) unselect_service(record);
  record.object = std::move(object);
  record.invalid = std::move(invalid);
  if (usable && reclaim) make_claims(record);
  // What is planned of a VIP besides its services may stand in the object.
  if (usable) dirty_vips_.insert(record.object->spec.vips.begin(), record.object->spec.vips.end());
  if (usable && reselect) select_service(record);
  if (!usable) record.claims_granted = false;
  if (!usable) record.conflicts.clear();
  if (record.object == nullptr) {
    book_.withdrawn().deleted(key);
    gone_services_.push_back(services_.extract(key));
  } else {
    book_.withdrawn().created(key);
  }
}

void State::ingest_everything(const ClusterSnapshot& snapshot) {
  addresses_.reserve(snapshot.real_servers.size() + 2 * snapshot.nodes.size());
  for (const auto& [key, object] : snapshot.nodes) ingest_node(key.name, object);
  for (const auto& [name, report] : snapshot.reports) {
    ingest_report(name, report, snapshot.unreachable.contains(name));
  }
  for (const auto& name : snapshot.unreachable) {
    if (!snapshot.reports.contains(name)) ingest_report(name, nullptr, true);
  }
  for (const auto& [key, object] : snapshot.real_servers) {
    ingest_server(key, object, forced_of(snapshot, key));
  }
  for (const auto& [key, object] : snapshot.virtual_services) ingest_service(key, object);
}

void State::ingest(const ClusterSnapshot& snapshot, const SnapshotDelta& delta) {
  // The report of a node may have come before its object.
  std::set<std::string> reports = delta.reports;
  reports.insert(delta.nodes.begin(), delta.nodes.end());
  for (const auto& name : delta.nodes) ingest_node(name, find_object(snapshot.nodes, {"", name}));
  for (const auto& name : reports) {
    const auto report = snapshot.reports.find(name);
    ingest_report(name, report == snapshot.reports.end() ? nullptr : report->second,
                  snapshot.unreachable.contains(name));
  }
  for (const auto& key : delta.real_servers) {
    ingest_server(key, find_object(snapshot.real_servers, key), forced_of(snapshot, key));
  }
  for (const auto& key : delta.virtual_services) {
    ingest_service(key, find_object(snapshot.virtual_services, key));
  }
}

}  // namespace lvs::planning
