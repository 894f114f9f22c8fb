#include "core/planner_book.h"

#include <algorithm>
#include <utility>

#include "core/failover_request.h"

namespace lvs::planning {
namespace {

constexpr std::size_t kMostDeleted = 1000;

// One service that an update changed.
struct ServiceChange {
  ServiceKey key;
  ProgrammedService before;
  ProgrammedService after;
  std::vector<PlanEdit> edits;
};

std::vector<ServiceChange> changes_of(const VipRecord& vip) {
  std::vector<ServiceChange> changes;
  for (const auto& [key, before] : vip.before) {
    const auto now = vip.services.find(key);
    ServiceChange change{
        key, before, now == vip.services.end() ? ProgrammedService{} : now->second, {}};
    diff_planned_service(key, before.service.get(), change.after.service.get(), change.edits);
    if (!change.edits.empty()) changes.push_back(std::move(change));
  }
  return changes;
}

// The VIP's services as they were before the update.
std::map<ServiceKey, ProgrammedService> services_before(const VipRecord& vip) {
  auto services = vip.services;
  for (const auto& [key, before] : vip.before) {
    if (before.service) {
      services[key] = before;
    } else {
      services.erase(key);
    }
  }
  return services;
}

bool contains(const std::optional<PlannedVip>& vip, const std::string& node) {
  return vip &&
         std::find(vip->candidates.begin(), vip->candidates.end(), node) != vip->candidates.end();
}

// What does not parse is among the diagnostics.
std::optional<PlannedMove> move_wanted(const IpAddress& address, const VipRecord& vip) {
  std::optional<PlannedMove> wanted;
  for (const ServiceRecord* service : vip.claimants) {
    const auto& annotations = service->object->meta.annotations;
    const auto annotation = annotations.find(kFailoverAnnotation);
    if (annotation == annotations.end()) continue;
    const auto requests = parse_failover_requests(annotation->second);
    if (!requests) continue;
    const auto request = requests->find(address);
    if (request == requests->end()) continue;
    if (!wanted || wanted->term < request->second.term) wanted = request->second;
  }
  return wanted;
}

class VipFlush {
 public:
  VipFlush(const IpAddress& address, VipRecord& vip, PlanBook& book)
      : address_(address), vip_(vip), book_(book) {}

  void run() {
    std::optional<PlannedVip> now;
    if (!vip_.services.empty() && vip_.decider != nullptr) {
      const VirtualServiceSpec& spec = vip_.decider->object->spec;
      now = PlannedVip{spec.interface, vip_.candidates, spec.directors.preempt_after,
                       move_wanted(address_, vip_)};
    }
    std::vector<ServiceChange> changes;
    if (vip_.planned && now) changes = changes_of(vip_);
    if (vip_.planned) {
      for (const auto& node : vip_.planned->candidates) {
        if (!contains(now, node)) leave(node);
      }
    }
    if (now) {
      for (const auto& node : now->candidates) {
        if (contains(vip_.planned, node)) {
          stay(node, *now, changes);
        } else {
          join(node, *now);
        }
      }
    }
    vip_.planned = std::move(now);
    vip_.before.clear();
  }

 private:
  void leave(const std::string& node) {
    book_.apply(node, {RemoveVip{address_}});
    for (const auto& [key, service] : services_before(vip_)) {
      book_.put_service(node, key, service, {}, {RemoveService{key}});
    }
  }

  void join(const std::string& node, const PlannedVip& now) {
    book_.apply(node, {PutVip{address_, now}});
    for (const auto& [key, service] : vip_.services) {
      std::vector<PlanEdit> edits;
      if (!book_.is_new(node)) diff_planned_service(key, nullptr, service.service.get(), edits);
      book_.put_service(node, key, {}, service, edits);
    }
  }

  void stay(const std::string& node, const PlannedVip& now,
            const std::vector<ServiceChange>& changes) {
    if (*vip_.planned != now) book_.apply(node, {PutVip{address_, now}});
    for (const auto& change : changes) {
      book_.put_service(node, change.key, change.before, change.after, change.edits);
    }
  }

  const IpAddress& address_;
  VipRecord& vip_;
  PlanBook& book_;
};

}  // namespace

bool PlanBook::open(const std::string& node) {
  NodePlan plan;
  plan.node = node;
  plan.term = options_.term;
  plan.accept_mass_deletion = options_.accept_mass_deletion;
  if (!plans_.try_emplace(node, std::move(plan)).second) return false;
  // One that went and came in the same update is sent whole all the same.
  delta_.removed_nodes.erase(node);
  delta_.new_nodes.insert(node);
  return true;
}

bool PlanBook::close(const std::string& node) {
  if (plans_.erase(node) == 0) return false;
  delta_.new_nodes.erase(node);
  delta_.edits.erase(node);
  delta_.removed_nodes.insert(node);
  return true;
}

void PlanBook::apply(const std::string& node, const std::vector<PlanEdit>& edits) {
  const auto plan = plans_.find(node);
  if (plan == plans_.end() || edits.empty()) return;
  plan->second.apply_edits(edits);
  note(node, edits);
}

void PlanBook::put_service(const std::string& node, const ServiceKey& key,
                           const ProgrammedService& before, const ProgrammedService& after,
                           const std::vector<PlanEdit>& edits) {
  const auto plan = plans_.find(node);
  if (plan == plans_.end()) return;
  plan->second.put_service(key, after.service, before.hash, after.hash);
  if (after.service != nullptr) {
    withdrawn_.placed(node, after.service->header.virtual_service);
  } else if (before.service != nullptr && before.owner->object != nullptr) {
    withdrawn_.left(node, before.service->header.virtual_service);
  }
  note(node, edits);
}

void PlanBook::note(const std::string& node, const std::vector<PlanEdit>& edits) {
  if (is_new(node)) return;
  auto& noted = delta_.edits[node];
  noted.insert(noted.end(), edits.begin(), edits.end());
}

const HashedPlan* PlanBook::find(const std::string& node) const {
  const auto plan = plans_.find(node);
  return plan == plans_.end() ? nullptr : &plan->second;
}

PlanningDelta PlanBook::take_delta() { return std::exchange(delta_, {}); }

void WithdrawnServices::deleted(const ObjectKey& key) {
  for (auto& [node, keys] : elsewhere_) keys.erase(key);
  if (!deleted_.insert(key).second) return;
  changed_ = true;
  deleted_in_order_.push_back(key);
  if (deleted_in_order_.size() <= kMostDeleted) return;
  deleted_.erase(deleted_in_order_.front());
  deleted_in_order_.pop_front();
}

void WithdrawnServices::created(const ObjectKey& key) {
  if (deleted_.erase(key) == 0) return;
  changed_ = true;
  auto& order = deleted_in_order_;
  order.erase(std::find(order.begin(), order.end(), key));
}

void WithdrawnServices::left(const std::string& node, const ObjectKey& key) {
  changed_ = elsewhere_[node].insert(key).second || changed_;
}

void WithdrawnServices::placed(const std::string& node, const ObjectKey& key) {
  const auto keys = elsewhere_.find(node);
  if (keys != elsewhere_.end() && keys->second.erase(key) > 0) changed_ = true;
}

bool WithdrawnServices::is_withdrawn(const std::string& node, const ObjectKey& key) const {
  const auto keys = elsewhere_.find(node);
  return deleted_.contains(key) || (keys != elsewhere_.end() && keys->second.contains(key));
}

std::vector<PlanEdit> WithdrawnServices::edits_for(const NodePlan& plan) const {
  std::vector<PlanEdit> edits;
  for (const auto& key : plan.withdrawn) {
    if (!is_withdrawn(plan.node, key)) edits.emplace_back(RemoveWithdrawn{key});
  }
  std::set<ObjectKey> wanted = deleted_;
  const auto keys = elsewhere_.find(plan.node);
  if (keys != elsewhere_.end()) wanted.insert(keys->second.begin(), keys->second.end());
  for (const auto& key : wanted) {
    if (!plan.withdrawn.contains(key)) edits.emplace_back(PutWithdrawn{key});
  }
  return edits;
}

void flush_vip(const IpAddress& address, VipRecord& vip, PlanBook& book) {
  VipFlush(address, vip, book).run();
}

}  // namespace lvs::planning
