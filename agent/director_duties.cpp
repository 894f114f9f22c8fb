// What people and the operator ask of a director: planned moves.
#include <algorithm>

#include "agent/director.h"
#include "telemetry/log.h"

namespace lvs {

void Director::tell_duties(const NodePlan& plan, TimePoint now) {
  const auto self = plan.directors.find(options_.node);
  drained_by_plan_ = self != plan.directors.end() && self->second.drained;
  tell_drain(now);
  for (const auto& [address, vip] : plan.vips) {
    if (!vip.move) continue;
    const VipRole role = election_->role(address);
    // The term makes a request good for one move; after a restart it may be tried once more.
    if (role.role != Role::kHolder || role.term != vip.move->term) continue;
    if (std::exchange(moves_tried_[address], *vip.move) == *vip.move) continue;
    log_info("asked to move a VIP", {{"vip", address.to_string()}, {"to", vip.move->to}});
    give(MoveVip{address, to_of(*vip.move)}, now);
  }
}

void Director::drain_here(bool drained, TimePoint now) {
  drained_here_ = drained;
  if (election_) tell_drain(now);
}

void Director::tell_drain(TimePoint now) {
  if (std::exchange(told_drained_, is_drained()) == is_drained()) return;
  log_info(is_drained() ? "drained: VIPs are handed over, none is taken" : "not drained any more",
           {{"by_plan", drained_by_plan_}, {"by_command", drained_here_}});
  if (is_drained()) {
    give(DrainNode{}, now);
  } else {
    give(UndrainNode{}, now);
  }
}

std::optional<std::string> Director::to_of(const PlannedMove& move) {
  return move.to.empty() ? std::nullopt : std::optional(move.to);
}

Result<void> Director::move(const IpAddress& vip, const PlannedMove& move, TimePoint now) {
  const VipRole role = election_ ? election_->role(vip) : VipRole{};
  const std::string name = vip.to_string();
  const auto planned = planned_.find(vip);
  if (planned == planned_.end() || role.role != Role::kHolder || role.term != move.term) {
    return fail(ErrorCode::kConflict, options_.node + " does not hold " + name + " in term " +
                                          std::to_string(move.term) +
                                          "; it has moved meanwhile, look at it again");
  }
  const auto& candidates = planned->second.candidates;
  const bool known = std::find(candidates.begin(), candidates.end(), move.to) != candidates.end();
  if (!move.to.empty() && (!known || move.to == options_.node)) {
    return fail(ErrorCode::kInvalidArgument,
                move.to + " is not one of the other candidates of " + name);
  }
  give(MoveVip{vip, to_of(move)}, now);
  return {};
}

// What has left the plan and could go to another director: it is offered, and stays meanwhile.
std::set<IpAddress> Director::may_leave(const NodePlan& plan) const {
  std::set<IpAddress> vips = leaving_;
  for (const auto& [address, vip] : planned_) {
    if (!plan.vips.contains(address)) vips.insert(address);
  }
  return vips;
}

void Director::find_leaving(const std::map<IpAddress, PlannedVip>& planned) {
  std::set<IpAddress> leaving;
  for (const auto& [address, vip] : planned_) {
    const bool others = vip.candidates.size() > 1;
    if (planned.contains(address) || !others) continue;
    if (election_->role(address).role == Role::kHolder) leaving.insert(address);
  }
  leaving_ = std::move(leaving);
}

}  // namespace lvs
