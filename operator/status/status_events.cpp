#include "operator/status/status_events.h"

#include <algorithm>

#include "operator/status/conditions.h"

namespace lvs {
namespace {

const VipStatus* find_vip(const VirtualServiceStatus& status, const IpAddress& address) {
  const auto found = std::find_if(status.vips.begin(), status.vips.end(),
                                  [&](const VipStatus& vip) { return vip.address == address; });
  return found == status.vips.end() ? nullptr : &*found;
}

// Nobody wanted these moves.
bool is_fault(const std::string& reason) {
  return reason == "HeartbeatLost" || reason == "HolderLetGo" || reason == "HolderNotFit";
}

std::string why(const VipStatus& vip) {
  return " (" + vip.reason + ", term " + std::to_string(vip.term) + ")";
}

void describe_move(const VipStatus& before, const VipStatus& after, ObjectEvent& event) {
  const std::string address = after.address.to_string();
  event.occurrence = address + " " + after.holder + " " + std::to_string(after.term) + " " +
                     after.since + " " + after.reason;
  event.warning = after.holder.empty() || is_fault(after.reason);
  if (after.holder.empty()) {
    event.reason = "VIPLost";
    event.action = "Wait";
    event.note = "no director holds " + address + "; the last one was " + before.holder;
    return;
  }
  event.action = "Move";
  const std::string& from = after.previous_holder;
  if (from.empty() || from == after.holder) {
    event.reason = "VIPTaken";
    event.note = after.holder + " holds " + address + why(after);
  } else {
    event.reason = "VIPMoved";
    event.note = address + " moved from " + from + " to " + after.holder + why(after);
  }
}

void describe_condition(const Condition& after, ObjectEvent& event) {
  event.reason = after.reason;
  event.action = "Watch";
  event.warning = after.status == "False";
  event.note = after.message;
  event.occurrence = after.type + " " + after.status + " " + after.reason + after.last_transition;
}

// `event` has what all events of the object share.
void tell_condition(const char* type, const std::vector<Condition>& before,
                    const std::vector<Condition>& after, const ObjectEvent& event,
                    std::vector<ObjectEvent>& events) {
  const Condition* was = find_condition(&before, type);
  const Condition* is = find_condition(&after, type);
  const bool changed =
      was != nullptr && is != nullptr && (was->status != is->status || was->reason != is->reason);
  if (changed) describe_condition(*is, events.emplace_back(event));
}

std::size_t held(const NodeStatus& status) {
  return static_cast<std::size_t>(
      std::count_if(status.vips.begin(), status.vips.end(),
                    [](const VipReport& vip) { return vip.holder || vip.present; }));
}

}  // namespace

std::vector<ObjectEvent> events_between(const VirtualService& object,
                                        const VirtualServiceStatus& before,
                                        const VirtualServiceStatus& after, WallTime now) {
  ObjectEvent event;
  event.object = object.meta.key;
  event.uid = object.meta.uid;
  event.when = now;
  std::vector<ObjectEvent> events;
  for (const VipStatus& vip : after.vips) {
    const VipStatus* old = find_vip(before, vip.address);
    if (old == nullptr || old->holder == vip.holder) continue;
    describe_move(*old, vip, events.emplace_back(event));
  }
  for (const char* type : {"FailoverReady", "Healthy"}) {
    tell_condition(type, before.conditions, after.conditions, event, events);
  }
  return events;
}

std::vector<ObjectEvent> events_between(const RealServer& object, const RealServerStatus& before,
                                        const RealServerStatus& after, WallTime now) {
  ObjectEvent event;
  event.kind = Kind::kRealServer;
  event.object = object.meta.key;
  event.uid = object.meta.uid;
  event.when = now;
  std::vector<ObjectEvent> events;
  tell_condition("Healthy", before.conditions, after.conditions, event, events);
  return events;
}

std::vector<ObjectEvent> events_between(const Node& object, const NodeStatus& before,
                                        const NodeStatus& after, WallTime now) {
  std::vector<ObjectEvent> events;
  const auto tell = [&](const char* reason, const std::string& note) {
    events.push_back({Kind::kNode, object.meta.key, object.meta.uid, false, reason, "Drain", note,
                      reason + to_rfc3339(now), now});
  };
  const bool begins = after.drained && !before.drained;
  if (begins && held(after) > 0) {
    tell("DirectorDraining", "hands over " + std::to_string(held(after)) + " VIPs");
  }
  if (after.drained && held(after) == 0 && (begins || held(before) > 0)) {
    tell("DirectorDrained", "holds no VIP and takes none");
  }
  if (!after.drained && before.drained) tell("DirectorUndrained", "takes VIPs again");
  return events;
}

}  // namespace lvs
