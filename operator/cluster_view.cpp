#include "operator/cluster_view.h"

#include <algorithm>

#include "core/mass_deletion.h"

namespace lvs {
namespace {

template <typename Object>
constexpr Kind kind_for() {
  if constexpr (std::is_same_v<Object, VirtualService>) return Kind::kVirtualService;
  if constexpr (std::is_same_v<Object, RealServer>) return Kind::kRealServer;
  return Kind::kNode;
}

}  // namespace

void ClusterView::touch(Kind kind, const ObjectKey& key) {
  switch (kind) {
    case Kind::kVirtualService:
      delta_.virtual_services.insert(key);
      break;
    case Kind::kRealServer:
      delta_.real_servers.insert(key);
      note_forced(key);
      break;
    case Kind::kNode:
      delta_.nodes.insert(key.name);
      break;
  }
}

void ClusterView::note_forced(const ObjectKey& key) {
  const auto server = snapshot_.real_servers.find(key);
  std::optional<ForcedHealth> forced;
  if (server != snapshot_.real_servers.end()) {
    forced = forced_health_of(server->second->meta.annotations).value_or(std::nullopt);
  }
  if (forced) {
    annotated_[key] = *forced;
  } else {
    annotated_.erase(key);
    snapshot_.forced.erase(key);
  }
}

void ClusterView::pass_time(WallTime now) {
  for (const auto& [key, forced] : annotated_) {
    const auto in_force = snapshot_.forced.find(key);
    if (forced.is_over(now)) {
      if (in_force == snapshot_.forced.end()) continue;
      snapshot_.forced.erase(in_force);
    } else {
      if (in_force != snapshot_.forced.end() && in_force->second == forced) continue;
      snapshot_.forced[key] = forced;
    }
    delta_.real_servers.insert(key);
  }
}

template <typename Object>
void ClusterView::put(Objects<Object>& objects, Resource&& resource) {
  auto* object = std::get_if<Object>(&resource);
  if (object == nullptr) return;
  auto& slot = objects[object->meta.key];
  if (slot && *slot == *object) return;
  const ObjectKey key = object->meta.key;
  slot = std::make_shared<const Object>(std::move(*object));
  touch(kind_for<Object>(), key);
}

template <typename Object>
void ClusterView::remove(Objects<Object>& objects, const ObjectKey& key) {
  if (objects.erase(key) == 0) return;
  touch(kind_for<Object>(), key);
  if constexpr (std::is_same_v<Object, Node>) {
    snapshot_.reports.erase(key.name);
    snapshot_.unreachable.erase(key.name);
  }
}

template <typename Object>
void ClusterView::list(Objects<Object>& objects, Listed& listed) {
  constexpr Kind kKind = kind_for<Object>();
  ObjectIds absent;
  for (const auto& [key, object] : objects) absent.emplace(kKind, key);
  for (const auto& resource : listed.objects) absent.erase({kKind, meta_of(resource).key});
  const bool may_hold = kKind != Kind::kNode && !accept_mass_deletion_;
  ObjectIds hold;
  if (may_hold) {
    hold = listed.went_back ? absent : deletions_to_hold(absent, objects.size(), held_);
  }
  std::erase_if(held_, [](const auto& held) { return held.first == kKind; });
  held_.insert(hold.begin(), hold.end());
  for (const auto& id : absent) {
    if (!hold.contains(id)) remove(objects, id.second);
  }
  for (auto& resource : listed.objects) put(objects, std::move(resource));
}

void ClusterView::apply(Listed listed) {
  listed_.at(static_cast<std::size_t>(listed.kind)) = true;
  std::erase_if(unknown_, [&](const auto& id) { return id.first == listed.kind; });
  for (const auto& key : listed.unknown) unknown_.emplace(listed.kind, key);
  switch (listed.kind) {
    case Kind::kVirtualService:
      return list(snapshot_.virtual_services, listed);
    case Kind::kRealServer:
      return list(snapshot_.real_servers, listed);
    case Kind::kNode:
      return list(snapshot_.nodes, listed);
  }
}

void ClusterView::apply(ListedTogether together) {
  for (auto& listed : together.lists) apply(std::move(listed));
}

void ClusterView::settle(Kind kind, const ObjectKey& key) {
  held_.erase({kind, key});
  unknown_.erase({kind, key});
}

void ClusterView::apply(Put message) {
  settle(kind_of(message.object), meta_of(message.object).key);
  switch (kind_of(message.object)) {
    case Kind::kVirtualService:
      return put(snapshot_.virtual_services, std::move(message.object));
    case Kind::kRealServer:
      return put(snapshot_.real_servers, std::move(message.object));
    case Kind::kNode:
      return put(snapshot_.nodes, std::move(message.object));
  }
}

void ClusterView::apply(const Deleted& message) {
  settle(message.kind, message.key);
  switch (message.kind) {
    case Kind::kVirtualService:
      return remove(snapshot_.virtual_services, message.key);
    case Kind::kRealServer:
      return remove(snapshot_.real_servers, message.key);
    case Kind::kNode:
      return remove(snapshot_.nodes, message.key);
  }
}

// What its agent says may still arrive after the Node is gone.
bool ClusterView::has_node(const std::string& node) const {
  return snapshot_.nodes.contains(ObjectKey{"", node});
}

void ClusterView::report(const std::string& node, NodeStatus status) {
  if (!has_node(node)) return;
  auto& slot = snapshot_.reports[node];
  if (slot && *slot == status) return;
  slot = std::make_shared<const NodeStatus>(std::move(status));
  delta_.reports.insert(node);
}

void ClusterView::set_reachable(const std::string& node, bool reachable) {
  if (!has_node(node)) return;
  const bool changed =
      reachable ? snapshot_.unreachable.erase(node) > 0 : snapshot_.unreachable.insert(node).second;
  if (changed) delta_.reports.insert(node);
}

bool ClusterView::complete() const {
  return unknown_.empty() &&
         std::all_of(listed_.begin(), listed_.end(), [](bool listed) { return listed; });
}

std::string ClusterView::trouble() const {
  if (unknown_.empty()) return {};
  const auto& [kind, key] = *unknown_.begin();
  return std::to_string(unknown_.size()) + " objects cannot be used and may stand in a kernel (" +
         std::string(to_string(kind)) + " " + to_string(key) +
         "): nothing is pushed until they are corrected or deleted";
}

SnapshotDelta ClusterView::take_delta() { return std::exchange(delta_, SnapshotDelta{}); }

}  // namespace lvs
