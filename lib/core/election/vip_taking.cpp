// From standby to the address: who may go for the VIP, and what has to speak for it.
#include <algorithm>

#include "core/election/vip_election.h"

namespace lvs {

bool VipElection::may_take(const Surroundings& at) const {
  if (retiring_ || at.leaving || rank(kSelf) == order_.size()) return false;
  if (!at.available && hears_available(at)) return false;
  // The only candidate has nobody to harm, however quiet its segment is.
  return fitness_ == Fitness::kFit || (fitness_ == Fitness::kSegmentSilent && !has_others());
}

// A drained director is better than none: all may be drained at once.
bool VipElection::hears_available(const Surroundings& at) const {
  return std::any_of(order_.begin(), order_.end(),
                     [&](NodeId other) { return could_take(other, true, at); });
}

NodeId VipElection::offerer(const Surroundings& at) const {
  const NodeId holder = holder_among_peers(at);
  return holder != kNobody && heard(holder).offers_us ? holder : kNobody;
}

void VipElection::decide_standby(const Surroundings& at) {
  if (retiring_) return wake_at(forgotten_at(at.config));
  const NodeId holder = holder_among_peers(at);
  watch_preemption(holder, at);
  if (!may_take(at)) return;
  if (holder != kNobody) {
    if (heard(holder).offers_us) enter(Phase::kAccepting, at);
    return;
  }
  const TimePoint listened = std::max(at.listening_since, fit_since_) + at.config.silence();
  if (at.now < listened) return wake_at(listened);
  enter(Phase::kAsking, at);
}

void VipElection::watch_preemption(NodeId holder, const Surroundings& at) {
  const bool could =
      preempt_after_ && holder != kNobody && at.warm && may_take(at) && precedes(kSelf, holder, at);
  if (!could) {
    wants_ = false;
    wants_since_ = TimePoint::max();
    return;
  }
  if (wants_since_ == TimePoint::max()) wants_since_ = at.now;
  wants_ = at.now - wants_since_ >= *preempt_after_;
  if (!wants_) wake_at(wants_since_ + *preempt_after_);
}

// Among those that wait for the VIP, the warm go before the cold, then the planned order counts.
bool VipElection::goes_before(NodeId other, const Surroundings& at) const {
  if (other == kSelf) return false;
  if (!at.peers.alive(other)) return rank(other) < rank(kSelf);
  const Peer& peer = at.peers.at(other);
  if (!heard(other).fit) return false;
  if (peer.available != at.available) return peer.available;
  return peer.warm != warm_then_ ? peer.warm : rank(other) < rank(kSelf);
}

int VipElection::living_before(const Surroundings& at) const {
  return static_cast<int>(std::count_if(order_.begin(), order_.end(), [&](NodeId other) {
    return other != kSelf && at.peers.alive(other) && goes_before(other, at);
  }));
}

int VipElection::planned_before(const Surroundings& at) const {
  return static_cast<int>(std::count_if(order_.begin(), order_.end(), [&](NodeId other) {
    return other != last_holder_ && goes_before(other, at);
  }));
}

// Somebody else may be about to take it: without a vote, he first.
void VipElection::defer(const Surroundings& at) {
  not_before_ = at.now + at.config.patience * std::max(1, planned_before(at));
}

void VipElection::decide_asking(const Surroundings& at, ElectionActions& out) {
  if (holder_among_peers(at) != kNobody || !may_take(at)) return enter(Phase::kStandby, at);
  if (at.warm != warm_then_) {
    const int before = planned_before(at);
    warm_then_ = at.warm;
    if (planned_before(at) < before) defer(at);  // the others have to learn of it first
  }
  // Those who go before ask first: hundreds of VIPs may want a holder at once.
  const TimePoint turn = since_ + at.config.patience * living_before(at);
  if (at.now < turn) return wait_for_turn(turn);
  ask_wire(at, out);
  if (at.config.leases) vote_.prepare(vip_, at.now, at.config, out);
  if (inquiry_.silent(at.config)) return campaign(at, out);
  silent_since_.reset();
  no_vote_since_.reset();
}

void VipElection::wait_for_turn(TimePoint turn) {
  inquiry_.put_off(turn);
  silent_since_.reset();
  no_vote_since_.reset();
  wake_at(turn);
}

void VipElection::ask_wire(const Surroundings& at, ElectionActions& out) {
  if (inquiry_.ask(at.now, at.config)) out.push_back(AskWire{vip_});
  wake_at(inquiry_.next());
}

// The wire is silent: the Lease decides, and where it has no vote, order and patience.
void VipElection::campaign(const Surroundings& at, ElectionActions& out) {
  if (!silent_since_) silent_since_ = at.now;
  // Before it asked it has waited for the living; an answer makes all begin anew.
  const int living = living_before(at);
  const int waited_for = vetoed_ ? 0 : living;
  if (at.config.leases) {
    const TimePoint first = *silent_since_ + at.config.patience * (living - waited_for);
    if (at.now < first) return wake_at(first);
    wake_at(vote_.pursue(vip_, known_term_ + 1, at.now, at.config, out));
    if (vote_.state() == LeaseVote::State::kGranted) return take(vote_.claimed_term(), at, out);
    if (vote_.state() != LeaseVote::State::kSilent) return no_vote_since_.reset();
    if (!no_vote_since_) no_vote_since_ = at.now;
  }
  const TimePoint from = at.config.leases ? *no_vote_since_ : *silent_since_;
  const int others = std::max(0, planned_before(at) - waited_for);
  const TimePoint turn = std::max(from + at.config.patience * others, not_before_);
  if (at.now < turn) return wake_at(turn);
  take(known_term_ + 1, at, out);
}

void VipElection::decide_accepting(const Surroundings& at, ElectionActions& out) {
  if (offerer(at) == kNobody || !may_take(at)) return enter(Phase::kStandby, at);
  std::uint64_t term = known_term_ + 1;
  if (at.config.leases) {
    wake_at(vote_.pursue(vip_, term, at.now, at.config, out));
    if (vote_.state() == LeaseVote::State::kGranted) {
      term = vote_.claimed_term();
    } else if (vote_.state() != LeaseVote::State::kSilent) {
      return;
    }
  }
  take(term, at, out);
}

void VipElection::take(std::uint64_t term, const Surroundings& at, ElectionActions& out) {
  accepted_ = phase_ == Phase::kAccepting;
  reason_ = accepted_ ? ElectionNews::kAccepted : ElectionNews::kTook;
  moved_because_ = taken_because(at);
  previous_holder_ = held_before_;
  term_ = term;
  learn_term(term);
  put_on(at.now + at.config.put_within, at, out);
  enter(Phase::kTaking, at);
}

MoveReason VipElection::taken_because(const Surroundings& at) const {
  if (accepted_) return heard(offerer(at)).offer_reason;
  if (held_before_ == kNobody) return MoveReason::kNobodyHadIt;
  const bool lives = held_before_ == kSelf || at.peers.alive(held_before_);
  return lives ? MoveReason::kLetGo : MoveReason::kHeartbeatLost;
}

void VipElection::put_on(TimePoint not_after, const Surroundings& at, ElectionActions& out) {
  out.push_back(HoldAddress{vip_, at.config.lifetime, not_after, accepted_});
  adoptable_ = false;
  present_ = false;  // until it is seen anew
  put_asked_ = at.now;
  put_deadline_ = at.now + 2 * at.config.put_within;
}

void VipElection::decide_taking(const Surroundings& at, ElectionActions& out) {
  if (gives_way(at, out)) return;
  if (at.now >= put_deadline_) return release(ElectionNews::kHoldFailed, kNobody, at, out);
  if (!present_) return wake_at(put_deadline_);
  enter(Phase::kHolding, at);
  report(reason_, previous_holder_, at, out);
}

void VipElection::fail_hold(const Surroundings& at, ElectionActions& out) {
  if (phase_ == Phase::kTaking) release(ElectionNews::kHoldFailed, kNobody, at, out);
  put_asked_.reset();
}

// The address was taken off by somebody else. It is put back as soon as the wire says that no
// other director made use of the moment.
void VipElection::decide_restoring(const Surroundings& at, ElectionActions& out) {
  if (present_) return enter(Phase::kHolding, at);
  if (gives_way(at, out)) return;
  const bool too_late = at.now >= valid_until_ - at.config.lifetime_margin;
  if (too_late || fitness_ == Fitness::kLinkDown) {
    return release(ElectionNews::kLetGo, kNobody, at, out);
  }
  wake_at(valid_until_ - at.config.lifetime_margin);
  ask_wire(at, out);
  if (!inquiry_.silent(at.config)) return;
  reason_ = ElectionNews::kRestored;
  accepted_ = false;
  put_on(at.now + at.config.put_within, at, out);
  enter(Phase::kTaking, at);
}

// A director whose hardware nobody told us may be the one that answers. After a lifetime it would
// have been heard, or its kernel would have let go.
bool VipElection::may_be_director(const Surroundings& at) const {
  if (phase_ != Phase::kAsking || at.now - since_ >= at.config.lifetime) return false;
  return std::any_of(order_.begin(), order_.end(), [&](NodeId other) {
    return other != kSelf && at.peers.at(other).hardware.empty();
  });
}

// Heartbeats that come and go are news once in a lifetime; silence that lasts is told once.
void VipElection::meet_veto(NodeId holder, const Surroundings& at, ElectionActions& out) {
  vetoed_ = true;
  if (veto_told_ || at.now < next_veto_report_) return;
  veto_told_ = true;
  next_veto_report_ = at.now + at.config.lifetime;
  report(ElectionNews::kHeartbeatsLost, holder, at, out);
}

void VipElection::hear_wire(const HardwareAddress& from, const Surroundings& at,
                            ElectionActions& out) {
  const NodeId owner = at.peers.owner_of(from);
  if (owner == kSelf) return;
  if (owner == kNobody && !may_be_director(at)) return meet_stranger(from, at, out);
  switch (phase_) {
    case Phase::kAsking:
      meet_veto(owner, at, out);
      inquiry_.answered(at.now, at.config);
      vote_.void_grant();
      break;
    case Phase::kTaking:
      // An offer comes from who still has it.
      if (!accepted_) release(ElectionNews::kGaveWay, owner, at, out);
      break;
    case Phase::kRestoring:
      release(ElectionNews::kGaveWay, owner, at, out);
      break;
    case Phase::kHolding:
      meet_rival(owner, at, out);
      break;
    case Phase::kStandby:
    case Phase::kAccepting:
      break;
  }
}

}  // namespace lvs
