// With the address: when it is let go, to whom it is handed, how it is kept.
#include <algorithm>

#include "core/election/vip_election.h"

namespace lvs {
namespace {

// The link is up, but what arrives is not served as planned.
bool is_ailing(Fitness fitness) {
  return fitness == Fitness::kIpvsNotReady || fitness == Fitness::kPathBroken;
}

}  // namespace

void VipElection::decide_holding(const Surroundings& at, ElectionActions& out) {
  if (must_let_go(at, out) || gives_way(at, out) || yields_to_rival(at, out)) return;
  if (!present_) {
    inquiry_.start(at.now);
    return enter(Phase::kRestoring, at);
  }
  if (vote_.ours()) term_ = std::max(term_, vote_.lease()->term);
  refresh(at, out);
  announce(at, out);
  offer(at, out);
  keep_lease_true(at, out);
}

bool VipElection::must_let_go(const Surroundings& at, ElectionActions& out) {
  const TimePoint too_late = valid_until_ - at.config.lifetime_margin;
  if (at.now >= too_late && has_others()) {
    fit_since_ = at.now;  // whatever happened meanwhile has to be heard first
    release(ElectionNews::kStalled, kNobody, at, out);
  } else if (fitness_ == Fitness::kLinkDown && has_others()) {
    release(ElectionNews::kLetGo, kNobody, at, out);
  } else if (fitness_ == Fitness::kSegmentSilent && lease_elsewhere()) {
    release(ElectionNews::kLetGo, at.peers.find(vote_.lease()->holder), at, out);
  } else if (retiring_ && at.now >= retire_at_) {
    release(ElectionNews::kRetired, kNobody, at, out);
  } else {
    wake_at(too_late);
    if (retiring_) wake_at(retire_at_);
    return false;
  }
  return true;
}

// Two holders met: the lower term gives way at once, equal terms by order.
bool VipElection::gives_way(const Surroundings& at, ElectionActions& out) {
  const NodeId other = holder_among_peers(at);
  const bool was_contested = contested_;
  contested_ = other != kNobody;
  if (!contested_) return false;
  const std::uint64_t term = heard(other).term;
  if (term > term_ || (term == term_ && precedes(other, kSelf, at))) {
    const bool offered = other == offer_to_;
    release(offered ? ElectionNews::kHandedOver : ElectionNews::kGaveWay, other, at, out);
    return true;
  }
  if (!was_contested && !accepted_ && phase_ == Phase::kHolding) {
    report(ElectionNews::kTwoHolders, other, at, out);
    announcements_.burst(at.now, at.config);
  }
  return false;
}

void VipElection::release(ElectionNews news, NodeId other, const Surroundings& at,
                          ElectionActions& out) {
  out.push_back(ReleaseAddress{vip_});
  report(news, other, at, out);
  reason_ = news;
  adoptable_ = false;
  present_ = false;
  accepted_ = false;
  if (other != kNobody) last_holder_ = other;
  held_before_ = other == kNobody ? kSelf : other;
  enter(Phase::kStandby, at);
}

TimePoint VipElection::refresh_due(const ElectionConfig& config) const {
  const TimePoint due = valid_until_ - (config.lifetime - config.refresh());
  return put_asked_ ? std::max(due, *put_asked_ + 2 * config.put_within) : due;
}

bool VipElection::is_refresh_due(const Surroundings& at) const {
  return phase_ == Phase::kHolding && at.now >= refresh_due(at.config);
}

void VipElection::refresh(const Surroundings& at, ElectionActions& out) {
  const TimePoint due = at.refreshing && !put_asked_ ? at.now : refresh_due(at.config);
  if (at.now < due) return wake_at(due);
  out.push_back(
      HoldAddress{vip_, at.config.lifetime, valid_until_ - at.config.lifetime_margin, false});
  put_asked_ = at.now;
  wake_at(at.now + 2 * at.config.put_within);
  // A director that is not heard may have it, too: only the wire would tell.
  const bool all_heard = std::all_of(order_.begin(), order_.end(), [&](NodeId other) {
    return other == kSelf || at.peers.alive(other);
  });
  if (!all_heard) out.push_back(AskWire{vip_});
}

void VipElection::announce(const Surroundings& at, ElectionActions& out) {
  if (announcements_.due(at.now, at.config)) out.push_back(Announce{vip_});
  wake_at(announcements_.next());
}

bool VipElection::wants_rid(const Surroundings& at) const {
  return retiring_ || !at.available || move_wanted_ || is_ailing(fitness_);
}

void VipElection::offer(const Surroundings& at, ElectionActions& out) {
  if (move_wanted_ && at.now >= move_deadline_) {
    report(ElectionNews::kMoveFailed, move_to_, at, out);
    move_wanted_ = false;
  }
  if (move_wanted_) wake_at(move_deadline_);
  offer_to_ = successor(at);
}

NodeId VipElection::successor(const Surroundings& at) const {
  if (move_wanted_ && move_to_ != kNobody) {
    return could_take(move_to_, false, at) ? move_to_ : kNobody;
  }
  for (const NodeId other : order_) {
    if (other == kSelf && preempt_after_ && !wants_rid(at)) break;  // only those before us preempt
    const bool asks = preempt_after_ && heard(other).wants;
    if ((asks || wants_rid(at)) && could_take(other, false, at)) return other;
  }
  // Better one whose connection table is not complete than this node.
  if (!retiring_ && !at.leaving && !is_ailing(fitness_)) return kNobody;
  return first_that_could(true, at);
}

NodeId VipElection::first_that_could(bool cold_too, const Surroundings& at) const {
  const auto first = std::find_if(order_.begin(), order_.end(),
                                  [&](NodeId other) { return could_take(other, cold_too, at); });
  return first == order_.end() ? kNobody : *first;
}

MoveReason VipElection::offer_reason(const Surroundings& at) const {
  if (at.leaving) return MoveReason::kAgentStopped;
  if (retiring_) return MoveReason::kPlanChanged;
  if (move_wanted_) return MoveReason::kRequested;
  if (!at.available) return MoveReason::kDrained;
  return is_ailing(fitness_) ? MoveReason::kNotFit : MoveReason::kPreempted;
}

bool VipElection::could_take(NodeId peer, bool cold_too, const Surroundings& at) const {
  if (peer == kSelf || !at.peers.alive(peer)) return false;
  const Peer& other = at.peers.at(peer);
  return heard(peer).fit && other.available && (cold_too || other.warm);
}

}  // namespace lvs
