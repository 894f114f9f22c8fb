#include "agent/work_queue.h"

#include <algorithm>

#include "agent/mirror.h"

namespace lvs {

void WorkQueue::push(Lane& lane, const ServiceKey& key, Look look) {
  const bool half_changed = drop_remainder(key);
  Look& queued = lane.keys[key];
  queued.changed = queued.changed || look.changed || half_changed;
  queued.reread = queued.reread || look.reread;
}

void WorkQueue::push_urgent(const ServiceKey& key, Look look) { push(urgent_, key, look); }
void WorkQueue::push_routine(const ServiceKey& key, Look look) { push(routine_, key, look); }

bool WorkQueue::drop_remainder(const ServiceKey& key) {
  bool wanted = false;
  for (Lane* each : {&urgent_, &routine_}) {
    if (!each->rest || each->rest->key != key) continue;
    wanted = wanted || each->rest->drift == 0;
    each->rest.reset();
  }
  return wanted;
}

void WorkQueue::mark_remainder_failed(const ServiceKey& key) {
  for (Lane* each : {&urgent_, &routine_}) {
    if (each->rest && each->rest->key == key) each->rest->failed = true;
  }
}

bool WorkQueue::empty() const { return !has_urgent() && routine_.keys.empty() && !routine_.rest; }

bool WorkQueue::has_changes() const {
  return has_urgent() || routine_.rest.has_value() ||
         std::any_of(routine_.keys.begin(), routine_.keys.end(),
                     [](const auto& queued) { return queued.second.changed; });
}

bool WorkQueue::changes(const IpAddress& vip) const {
  for (const Lane* each : {&urgent_, &routine_}) {
    if (each->rest && each->rest->key.address == vip) return true;
    for (auto at = each->keys.lower_bound(first_key_of(vip));
         at != each->keys.end() && at->first.address == vip; ++at) {
      if (at->second.changed) return true;
    }
  }
  return false;
}

std::optional<Remainder> WorkQueue::take_remainder(bool urgent) {
  std::optional<Remainder> taken;
  taken.swap(lane(urgent).rest);
  return taken;
}

std::optional<QueuedWork> WorkQueue::take(bool urgent) {
  auto& keys = lane(urgent).keys;
  if (keys.empty()) return std::nullopt;
  const QueuedWork work{keys.begin()->first, keys.begin()->second};
  keys.erase(keys.begin());
  return work;
}

void WorkQueue::put_remainder(bool urgent, Remainder remainder) {
  lane(urgent).rest = std::move(remainder);
}

}  // namespace lvs
