#include "operator/status/vip_status.h"

#include <algorithm>

namespace lvs {
namespace {

constexpr const char* kAdopted = "AgentRestarted";

const VipReport* vip_report(const StatusSources& sources, const std::string& node,
                            const IpAddress& vip) {
  const auto* report = report_of(sources, node);
  if (report == nullptr) return nullptr;
  const auto found = std::find_if(report->vips.begin(), report->vips.end(),
                                  [&](const VipReport& seen) { return seen.address == vip; });
  return found == report->vips.end() ? nullptr : &*found;
}

const VipStatus* find_before(const VirtualServiceStatus* before, const IpAddress& vip) {
  if (before == nullptr) return nullptr;
  const auto found = std::find_if(before->vips.begin(), before->vips.end(),
                                  [&](const VipStatus& status) { return status.address == vip; });
  return found == before->vips.end() ? nullptr : &*found;
}

struct Holder {
  std::string node;
  const VipReport* report = nullptr;
};

// Of several that say so, the highest term: the others have not reported yet, or are gone. The last
// one may have it although it is no candidate any more: until another one does.
Holder find_holder(const StatusSources& sources, const IpAddress& vip, const std::string& last) {
  Holder best;
  auto names = sources.planner.candidates_of(vip);
  if (std::find(names.begin(), names.end(), last) == names.end()) names.push_back(last);
  for (const auto& name : names) {
    const VipReport* seen = vip_report(sources, name, vip);
    if (seen == nullptr || !seen->holder || !seen->present) continue;
    if (best.report == nullptr || seen->term > best.report->term) best = {name, seen};
  }
  return best;
}

VipStatus nobody(const IpAddress& vip, const VipStatus* old, WallTime now) {
  if (old != nullptr && old->holder.empty()) return *old;
  return {vip, "", 0, to_rfc3339(now), old == nullptr ? "" : old->holder, "NoHolder"};
}

std::string holder_before(const VipStatus& old) {
  return old.holder.empty() ? old.previous_holder : old.holder;
}

// "director-2: its link ...; no agent answers on director-3"
std::string why_not_the_others(const StatusSources& sources, const VipStatus& vip) {
  std::string text;
  for (const auto& name : sources.planner.candidates_of(vip.address)) {
    if (name == vip.holder) continue;
    const VipReport* seen = vip_report(sources, name, vip.address);
    if (seen == nullptr || sources.cluster.unreachable.contains(name)) {
      text += "; no agent answers on " + name;
    } else if (!seen->election.concern.empty()) {
      text += "; " + name + ": " + seen->election.concern_message;
    } else {
      text += "; " + name + " is not heard, or has no heartbeat key, or drains";
    }
  }
  return text;
}

// What one of the directors is worried about; a standby that is not fit is one of several.
std::optional<Verdict> concern_about(const StatusSources& sources, const VipStatus& vip) {
  auto names = sources.planner.candidates_of(vip.address);
  std::stable_partition(names.begin(), names.end(),
                        [&](const auto& name) { return name == vip.holder; });
  for (const auto& name : names) {
    const VipReport* seen = vip_report(sources, name, vip.address);
    if (seen == nullptr || seen->election.concern.empty()) continue;
    if (sources.cluster.unreachable.contains(name)) continue;
    if (seen->election.concern == "NotFit" && name != vip.holder) continue;
    return no(seen->election.concern,
              name + ": " + vip.address.to_string() + ": " + seen->election.concern_message);
  }
  return std::nullopt;
}

// Nothing: `standby` could take it over.
std::optional<Verdict> trouble_with(const StatusSources& sources, const VipStatus& vip,
                                    std::string& standby) {
  const std::string address = vip.address.to_string();
  if (vip.holder.empty()) return no("NoHolder", "no director holds " + address);
  if (sources.cluster.unreachable.contains(vip.holder)) {
    return unknown("AgentUnreachable", "no agent answers on " + vip.holder + ", which holds " +
                                           address + "; see whether lvs-agent runs there");
  }
  if (auto concern = concern_about(sources, vip)) return concern;
  standby = vip_report(sources, vip.holder, vip.address)->election.standby;
  if (!standby.empty()) return std::nullopt;
  return no("NoStandby", vip.holder + " holds " + address +
                             " and hears no other director that could take it over" +
                             why_not_the_others(sources, vip));
}

}  // namespace

VipStatus build_vip(const StatusSources& sources, const IpAddress& vip,
                    const VirtualServiceStatus* before) {
  const VipStatus* old = find_before(before, vip);
  const auto [node, report] = find_holder(sources, vip, old == nullptr ? "" : old->holder);
  if (report == nullptr) return nobody(vip, old, sources.now);
  const ElectedVipReport& told = report->election;
  const bool stayed =
      old != nullptr && old->holder == node && (told.since == 0 || told.taken_because == kAdopted);
  if (stayed) {
    VipStatus same = *old;
    same.term = report->term;
    return same;
  }
  const WallTime since{std::chrono::seconds(told.since)};
  VipStatus status{vip,
                   node,
                   report->term,
                   to_rfc3339(told.since == 0 ? sources.now : since),
                   told.previous_holder,
                   told.taken_because.empty() ? "NoHolder" : told.taken_because};
  const bool moved = old != nullptr && old->holder != node;
  if (status.previous_holder.empty() && moved) status.previous_holder = holder_before(*old);
  if (status.previous_holder.empty() && old != nullptr && !moved) {
    status.previous_holder = old->previous_holder;
  }
  return status;
}

std::optional<Verdict> failover_ready(const StatusSources& sources,
                                      const std::vector<VipStatus>& vips) {
  std::string ready;
  for (const VipStatus& vip : vips) {
    if (sources.planner.candidates_of(vip.address).size() < 2) continue;
    std::string standby;
    if (auto trouble = trouble_with(sources, vip, standby)) return trouble;
    ready += (ready.empty() ? "" : ", ") + standby + " could take over " + vip.address.to_string();
  }
  if (ready.empty()) return std::nullopt;
  return yes("StandbyReady", ready);
}

}  // namespace lvs
