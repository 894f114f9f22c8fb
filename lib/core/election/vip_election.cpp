#include "core/election/vip_election.h"

#include <algorithm>
#include <utility>

namespace lvs {

void VipElection::plan(std::vector<NodeId> order, std::optional<Duration> preempt_after) {
  order_ = std::move(order);
  preempt_after_ = preempt_after;
  retiring_ = false;
}

void VipElection::retire(const Surroundings& at) {
  if (retiring_) return;
  retiring_ = true;
  retire_at_ = at.now + at.config.retire_after;
}

bool VipElection::hear(NodeId peer, const VipClaim& claim, const Surroundings& at) {
  if (heard_.size() <= peer) heard_.resize(peer + 1);
  Heard& before = heard_[peer];
  const bool took_off = before.claim == Claim::kHolder && claim.claim != Claim::kHolder;
  const Heard word{claim.claim,
                   claim.term,
                   claim.fit,
                   claim.wants,
                   claim.offer_to == at.peers.at(kSelf).name,
                   claim.offer_reason};
  if (word == before) return false;
  // Somebody who goes before us has just begun to ask: it is given the time for it.
  const bool begins = claim.claim == Claim::kAsking && before.claim != Claim::kAsking;
  before = word;
  const bool takes = claim.claim == Claim::kTaking;
  if (takes || (begins && goes_before(peer, at))) defer(at);
  learn_term(claim.term);
  if (claim.claim == Claim::kHolder && !is_up()) last_holder_ = held_before_ = peer;
  // Two had it for a moment: whoever listened to the other one is told again.
  if (took_off && phase_ == Phase::kHolding) announcements_.burst(at.now, at.config);
  return true;
}

bool VipElection::is_over(const Surroundings& at) const {
  return retiring_ && !is_up() && at.now >= forgotten_at(at.config);
}

void VipElection::forget(NodeId peer) {
  if (peer < heard_.size()) heard_[peer] = {};
}

void VipElection::see_lease(const LeaseView& lease, const Surroundings& at) {
  const bool ours = lease.holder == at.peers.at(kSelf).name;
  const bool newer = !vote_.lease() || lease.term > vote_.lease()->term;
  const NodeId other = at.peers.find(lease.holder);
  const bool has_it = heard(other).claim == Claim::kHolder;
  const bool lives = other != kNobody && at.peers.alive(other) && !has_it;
  const bool granted_just_now = !ours && newer && (lives || lease.term > known_term_);
  learn_term(lease.term);
  vote_.seen(lease, ours, at.now);
  if (granted_just_now) vote_.refused(at.now, at.config);  // his turn
  next_lease_step_ = std::min(next_lease_step_, at.now + at.config.api_vote);
}

void VipElection::grant_lease(const LeaseView& lease, const Surroundings& at) {
  learn_term(lease.term);
  vote_.granted(lease, at.now);
  if (is_up() && lease.holder == at.peers.at(kSelf).name) term_ = std::max(term_, lease.term);
}

void VipElection::refuse_lease(const Surroundings& at) { vote_.refused(at.now, at.config); }

void VipElection::set_fitness(Fitness fitness, const Surroundings& at) {
  if (fitness == Fitness::kFit && fitness_ != Fitness::kFit) {
    // Nothing could be heard with the link down; and what listens on it may have forgotten us.
    const bool was_deaf = fitness_ == Fitness::kLinkDown || fitness_ == Fitness::kSegmentSilent;
    if (was_deaf) fit_since_ = at.now;
    if (was_deaf && phase_ == Phase::kHolding) announcements_.burst(at.now, at.config);
  }
  fitness_ = fitness;
}

void VipElection::see_address(const AddressSeen& seen, const Surroundings& at,
                              ElectionActions& out) {
  present_ = seen.present;
  if (!seen.present) {
    adoptable_ = false;
    return;
  }
  valid_until_ = at.now + std::min(seen.valid_for, at.config.lifetime);
  // The kernel counts from the write, which came after the decision.
  if (put_asked_) valid_until_ = std::min(valid_until_, *put_asked_ + at.config.lifetime);
  put_asked_.reset();
  if (phase_ != Phase::kStandby || !adoptable_ || retiring_) return;
  if (holder_among_peers(at) == kNobody && seen.valid_for > at.config.lifetime_margin) {
    adopt(at, out);
  }
}

// The kernel served while this agent was away, and its answers kept the others from taking the VIP.
void VipElection::adopt(const Surroundings& at, ElectionActions& out) {
  term_ = std::max<std::uint64_t>(known_term_, 1);
  learn_term(term_);
  reason_ = ElectionNews::kAdopted;
  previous_holder_ = kNobody;
  moved_because_ = MoveReason::kAgentRestarted;
  enter(Phase::kHolding, at);
  report(ElectionNews::kAdopted, kNobody, at, out);
}

void VipElection::move(NodeId to, const Surroundings& at) {
  if (!is_up() || to == kSelf) return;
  move_wanted_ = true;
  move_to_ = to;
  move_deadline_ = at.now + at.config.move_timeout;
}

void VipElection::restart_listening() { inquiry_.forget_silence(); }

void VipElection::decide(const Surroundings& at, ElectionActions& out) {
  Phase before{};
  do {
    before = phase_;
    wake_ = TimePoint::max();
    switch (phase_) {
      case Phase::kStandby:
        decide_standby(at);
        break;
      case Phase::kAsking:
        decide_asking(at, out);
        break;
      case Phase::kAccepting:
        decide_accepting(at, out);
        break;
      case Phase::kTaking:
        decide_taking(at, out);
        break;
      case Phase::kHolding:
        decide_holding(at, out);
        break;
      case Phase::kRestoring:
        decide_restoring(at, out);
        break;
    }
  } while (phase_ != before);
}

void VipElection::enter(Phase phase, const Surroundings& at) {
  const bool was_up = is_up();
  phase_ = phase;
  if (is_up() != was_up || phase == Phase::kAsking || phase == Phase::kHolding) since_ = at.now;
  if (phase == Phase::kAsking) {
    vetoed_ = false;
    veto_told_ = false;
    warm_then_ = at.warm;
    silent_since_.reset();
    no_vote_since_.reset();
    not_before_ = {};
    inquiry_.start(at.now);
  }
  if (phase == Phase::kAsking || phase == Phase::kAccepting) vote_.start();
  if (phase == Phase::kHolding) {
    announcements_.burst(at.now, at.config);
    next_lease_step_ = at.now;
  }
  if (is_up()) return;
  offer_to_ = kNobody;
  move_wanted_ = false;
  rival_ = kNobody;
  contested_ = false;
  put_asked_.reset();
}

void VipElection::report(ElectionNews news, NodeId other, const Surroundings& at,
                         ElectionActions& out) {
  out.push_back(ReportNews{vip_, news, other == kNobody ? std::string() : at.peers.at(other).name,
                           is_up() ? term_ : known_term_, moved_because_});
}

const VipElection::Heard& VipElection::heard(NodeId peer) const {
  static const Heard kNothing;
  return peer < heard_.size() ? heard_[peer] : kNothing;
}

std::size_t VipElection::rank(NodeId node) const {
  return static_cast<std::size_t>(std::find(order_.begin(), order_.end(), node) - order_.begin());
}

bool VipElection::precedes(NodeId a, NodeId b, const Surroundings& at) const {
  if (rank(a) != rank(b)) return rank(a) < rank(b);
  return at.peers.at(a).name < at.peers.at(b).name;
}

NodeId VipElection::holder_among_peers(const Surroundings& at) const {
  NodeId best = kNobody;
  for (NodeId peer = 1; peer < heard_.size(); ++peer) {
    if (heard_[peer].claim != Claim::kHolder || !at.peers.alive(peer)) continue;
    const bool better = best == kNobody || heard_[peer].term > heard_[best].term ||
                        (heard_[peer].term == heard_[best].term && precedes(peer, best, at));
    if (better) best = peer;
  }
  return best;
}

bool VipElection::is_moving(const Surroundings& at) const {
  if (phase_ == Phase::kTaking) return true;
  if (!is_up()) return false;
  for (NodeId peer = 1; peer < heard_.size(); ++peer) {
    if (heard_[peer].claim == Claim::kAccepting && at.peers.alive(peer)) return true;
  }
  return offer_to_ != kNobody || contested_;
}

VipClaim VipElection::claim(const Surroundings& at) const {
  VipClaim claim{vip_, Claim::kStandby, known_term_, fitness_ == Fitness::kFit, wants_, {}};
  switch (phase_) {
    case Phase::kStandby:
      break;
    case Phase::kAsking:
      claim.claim = Claim::kAsking;
      break;
    case Phase::kAccepting:
      claim.claim = Claim::kAccepting;
      break;
    case Phase::kTaking:
      claim.claim = accepted_ ? Claim::kAccepting : Claim::kTaking;
      break;
    case Phase::kRestoring:
    case Phase::kHolding:
      claim.claim = Claim::kHolder;
      break;
  }
  // While it is put back nobody shall ask for it.
  if (phase_ == Phase::kTaking && reason_ == ElectionNews::kRestored) claim.claim = Claim::kHolder;
  if (claim.claim == Claim::kHolder) claim.term = term_;
  if (offer_to_ == kNobody) return claim;
  claim.offer_to = at.peers.at(offer_to_).name;
  claim.offer_reason = offer_reason(at);
  return claim;
}

VipRole VipElection::role(const ElectionConfig& config) const {
  if (phase_ == Phase::kTaking) return {Role::kHolder, term_, put_deadline_};
  if (phase_ == Phase::kHolding) {
    return {Role::kHolder, term_, valid_until_ - config.lifetime_margin};
  }
  return {Role::kStandby, known_term_, {}};
}

VipView VipElection::view(const Surroundings& at) const {
  const NodeId holder = is_up() ? kSelf : holder_among_peers(at);
  const auto name = [&](NodeId id) { return id == kNobody ? std::string() : at.peers.at(id).name; };
  return {vip_,           phase_,
          condition(at),  fitness_,
          name(holder),   is_up() ? term_ : known_term_,
          reason_,        is_up() ? name(previous_holder_) : std::string(),
          moved_because_, is_up() ? name(first_that_could(true, at)) : std::string(),
          stranger_};
}

}  // namespace lvs
