// From dirty records to plans.
#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "core/placement.h"
#include "core/planner_claims.h"
#include "core/planner_pool.h"
#include "core/planner_state.h"

namespace lvs::planning {
namespace {

// Does the node need a plan, if only an empty one to clean up by?
bool needs_plan(const NodeRecord& node) {
  if (node.object == nullptr) return false;
  if (node.is_director() || !node.servers.empty()) return true;
  if (node.report == nullptr) return false;
  return node.report->has_plan || !node.report->vips.empty() || !node.report->backends.empty() ||
         !node.report->lingering.empty();
}

bool entry_before(const PoolEntry& a, const PoolEntry& b) {
  if (a.address != b.address) return a.address < b.address;
  if (a.server != b.server) return std::less<>()(a.server, b.server);
  return std::pair(a.admission, a.serves) < std::pair(b.admission, b.serves);
}

Pool sorted_by_pointer(Pool pool) {
  std::sort(pool.begin(), pool.end(), entry_before);
  return pool;
}

const Pool& pool_of(const std::map<IpAddress, Pool>& pools, const IpAddress& vip) {
  static const Pool kNone;
  const auto found = pools.find(vip);
  return found == pools.end() ? kNone : found->second;
}

}  // namespace

const AddressUse* State::user_of(const IpAddress& address) const {
  const auto [begin, end] = addresses_.equal_range(address);
  const AddressUse* best = nullptr;
  for (auto at = begin; at != end; ++at) {
    // Of several the same one always, whatever the order in which they came.
    const auto rank = [](const AddressUse& use) {
      return use.node != nullptr ? std::pair(0, ObjectKey{"", use.node->name})
                                 : std::pair(1, use.server->object->meta.key);
    };
    if (best == nullptr || rank(at->second) < rank(*best)) best = &at->second;
  }
  return best;
}

void State::settle_nodes() {
  for (NodeRecord* node : dirty_nodes_) {
    const bool changed = needs_plan(*node) ? book_.open(node->name) : book_.close(node->name);
    if (changed) backends_.rewrite(*node);
  }
}

std::set<ServiceRecord*, OlderFirst> State::services_around(const std::set<IpAddress>& vips) const {
  std::set<ServiceRecord*, OlderFirst> found;
  std::vector<IpAddress> open(vips.begin(), vips.end());
  std::set<IpAddress> seen = vips;
  while (!open.empty()) {
    const auto vip = vips_.find(open.back());
    open.pop_back();
    if (vip == vips_.end()) continue;
    for (ServiceRecord* service : vip->second.claimants) {
      if (!found.insert(service).second) continue;
      for (const auto& other : service->object->spec.vips) {
        if (seen.insert(other).second) open.push_back(other);
      }
    }
  }
  return found;
}

void State::settle_claims() {
  const auto records = services_around(dirty_claims_);
  std::vector<const VirtualService*> objects;
  objects.reserve(records.size());
  for (const auto* record : records) objects.push_back(record->object.get());
  auto verdict = resolve_claims(objects);
  auto next = verdict.begin();
  for (ServiceRecord* record : records) {
    if (next->granted != record->claims_granted || next->diagnostics != record->conflicts) {
      mark(*record);
    }
    record->claims_granted = next->granted;
    record->conflicts = std::move(next->diagnostics);
    for (const auto& vip : record->object->spec.vips) dirty_claims_.insert(vip);
    ++next;
  }
}

void State::settle_candidates() {
  std::vector<std::shared_ptr<const Node>> directors;
  for (const auto& [name, node] : nodes_) {
    if (node.is_director()) directors.push_back(node.object);
  }
  const auto settle = [&](const IpAddress& address, VipRecord& vip) {
    const auto decider =
        std::find_if(vip.claimants.begin(), vip.claimants.end(),
                     [](const ServiceRecord* record) { return record->claims_granted; });
    vip.decider = decider == vip.claimants.end() ? nullptr : *decider;
    std::vector<std::string> candidates;
    if (vip.decider != nullptr) {
      candidates = place_vip(address, vip.decider->object->spec.directors, directors);
    }
    if (candidates.empty() != vip.candidates.empty()) mark_claimants(address);
    vip.candidates = std::move(candidates);
    dirty_vips_.insert(dirty_vips_.end(), address);
  };
  if (directors_changed_) {
    for (auto& [address, vip] : vips_) settle(address, vip);
    return;
  }
  for (const auto& address : dirty_claims_) settle(address, vips_.at(address));
}

bool State::may_program(const ServiceRecord& record) const {
  if (record.object == nullptr || !record.claims_granted) return false;
  const auto& vips = record.object->spec.vips;
  return std::all_of(vips.begin(), vips.end(), [this](const IpAddress& vip) {
    return user_of(vip) == nullptr && !vips_.at(vip).candidates.empty();
  });
}

void State::put_services(ServiceRecord& record, const std::map<IpAddress, Pool>& pools) {
  std::vector<ServiceKey> keys;
  const auto put = [&](const ServiceKey& key, ProgrammedService now) {
    VipRecord& vip = vips_[key.address];
    auto& stands = vip.services[key];
    if (stands.service && now.service && *stands.service == *now.service) {
      stands.owner = &record;
      return;
    }
    vip.before.try_emplace(key, stands);
    stands = std::move(now);
    dirty_vips_.insert(key.address);
  };
  for (const auto& [vip, pool] : pools) {
    for (auto& [key, planned] : make_services(*record.object, vip, pool)) {
      const ContentHash hash = hash_of(key, planned);
      put(key, {std::make_shared<const PlannedService>(std::move(planned)), hash, &record});
      keys.push_back(key);
    }
  }
  for (const auto& key : std::exchange(record.keys, std::move(keys))) {
    if (std::binary_search(record.keys.begin(), record.keys.end(), key)) continue;
    VipRecord& vip = vips_[key.address];
    const auto stands = vip.services.find(key);
    // Another VirtualService may have taken it over in this very update.
    if (stands == vip.services.end() || stands->second.owner != &record) continue;
    vip.before.try_emplace(key, stands->second);
    vip.services.erase(stands);
    dirty_vips_.insert(key.address);
  }
}

void State::note_pools(const ServiceRecord& record, const std::map<IpAddress, Pool>& before) {
  if (everything_) return;
  std::set<IpAddress> vips;
  for (const auto& [vip, pool] : before) vips.insert(vip);
  for (const auto& [vip, pool] : record.pools) vips.insert(vip);
  for (const auto& vip : vips) {
    const Pool& was = pool_of(before, vip);
    const Pool& is = pool_of(record.pools, vip);
    if (was == is) continue;
    const Pool old = sorted_by_pointer(was);
    const Pool now = sorted_by_pointer(is);
    Pool changed;
    std::set_symmetric_difference(old.begin(), old.end(), now.begin(), now.end(),
                                  std::back_inserter(changed), entry_before);
    for (const auto& entry : changed) note_server(*entry.server);
  }
}

void State::program(ServiceRecord& record) {
  const bool was = std::exchange(record.programmed, may_program(record));
  std::map<IpAddress, Pool> pools;
  if (record.programmed) {
    for (const auto& vip : record.object->spec.vips) pools[vip] = make_pool(record, vip);
  }
  put_services(record, pools);
  pools.swap(record.pools);
  note_pools(record, pools);
  if (was != record.programmed && !everything_) {
    for (const ServerRecord* server : record.selected) note_server(*server);
  }
  backends_.claim(record, make_backend_claims(record));
}

void State::program_dirty() {
  for (ServiceRecord* record : dirty_services_) {
    program(*record);
    record->dirty = false;
    if (record->object != nullptr) {
      book_.delta().virtual_services.insert(record->object->meta.key);
    }
  }
}

void State::flush_directors() {
  static const std::map<std::string, PlannedDirector> kNone;
  if (dirty_nodes_.empty()) return;
  std::map<std::string, PlannedDirector> now;
  for (const auto& [name, node] : nodes_) {
    if (node.is_director()) now[name] = {node.object->internal_ips, node.object->is_drained()};
  }
  const bool changed = now != directors_;
  directors_ = std::move(now);
  for (auto& [name, node] : nodes_) {
    const auto* plan = book_.find(name);
    if (plan == nullptr || !(changed || dirty_nodes_.contains(&node))) continue;
    std::vector<PlanEdit> edits;
    diff_directors(plan->plan().directors, node.is_director() ? directors_ : kNone, edits);
    book_.apply(name, edits);
  }
}

void State::flush() {
  flush_directors();
  for (const auto& address : dirty_vips_) {
    const auto vip = vips_.find(address);
    flush_vip(address, vip->second, book_);
    if (vip->second.claimants.empty() && vip->second.services.empty()) vips_.erase(vip);
  }
  const bool withdrawn_changed = book_.withdrawn().take_changed();
  for (auto& [name, node] : nodes_) {
    if (!node.sends || !(withdrawn_changed || dirty_nodes_.contains(&node))) continue;
    if (const auto* plan = book_.find(name)) {
      book_.apply(name, book_.withdrawn().edits_for(plan->plan()));
    }
  }
  backends_.flush(nodes_, book_);
}

void State::forget_the_gone() {
  for (NodeRecord* node : dirty_nodes_) {
    book_.delta().nodes.insert(node->name);
    if (node->object != nullptr || node->report != nullptr || !node->servers.empty()) continue;
    backends_.forget(*node);
    nodes_.erase(nodes_.find(node->name));
  }
  dirty_nodes_.clear();
  dirty_services_.clear();
  dirty_claims_.clear();
  dirty_vips_.clear();
  gone_services_.clear();
  gone_servers_.clear();
  directors_changed_ = false;
  everything_ = false;
}

PlanningDelta State::update(const ClusterSnapshot& snapshot, const SnapshotDelta& delta) {
  if (everything_) {
    ingest_everything(snapshot);
  } else {
    ingest(snapshot, delta);
  }
  settle_nodes();
  if (!dirty_claims_.empty()) settle_claims();
  if (directors_changed_ || !dirty_claims_.empty()) settle_candidates();
  program_dirty();
  flush();
  forget_the_gone();
  return book_.take_delta();
}

}  // namespace lvs::planning
