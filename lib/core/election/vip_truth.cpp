// What the wire and the Lease say against a holder, and what it does about it.
#include "core/election/vip_election.h"

namespace lvs {

void VipElection::meet_stranger(const HardwareAddress& from, const Surroundings& at,
                                ElectionActions& out) {
  stranger_ = from;
  stranger_last_ = at.now;
  if (at.now >= next_stranger_report_) {
    next_stranger_report_ = at.now + at.config.lifetime;
    report(ElectionNews::kStranger, kNobody, at, out);
  }
  if (phase_ != Phase::kHolding || at.now < next_defence_) return;
  next_defence_ = at.now + at.config.defend_interval;
  out.push_back(Announce{vip_});
}

void VipElection::meet_rival(NodeId rival, const Surroundings& at, ElectionActions& out) {
  if (at.peers.alive(rival)) {
    // Its heartbeats tell whether it means it; until they do, clients shall find us.
    if (rival == offer_to_ || heard(rival).claim == Claim::kAccepting) return;
    if (at.now < next_defence_) return;
    next_defence_ = at.now + at.config.defend_interval;
    out.push_back(Announce{vip_});
    return;
  }
  rival_last_ = at.now;
  if (rival_ == rival) return;
  rival_ = rival;
  rival_first_ = at.now;
  next_rival_read_ = at.now;
  inquiry_.start(at.now + at.config.vetoed_ask_interval);
  report(ElectionNews::kTwoHolders, rival, at, out);
}

// A director that is not heard has the VIP, too: the Lease decides, and if it is not to be read,
// the order. Both see each other, so both come to the same end.
bool VipElection::yields_to_rival(const Surroundings& at, ElectionActions& out) {
  if (rival_ == kNobody) return false;
  const bool gone = at.now - rival_last_ > at.config.rival_patience;
  if (gone || at.peers.alive(rival_)) {
    rival_ = kNobody;
    announcements_.burst(at.now, at.config);
    return false;
  }
  ask_wire(at, out);
  if (at.config.leases && at.now >= next_rival_read_) {
    out.push_back(ReadLease{vip_});
    next_rival_read_ = at.now + at.config.rival_patience;
  }
  const bool read = at.config.leases && vote_.lease() && vote_.seen_at() >= rival_first_;
  const bool loses_by_lease = read && !vote_.ours() && vote_.lease()->term > term_;
  const bool waited = at.now - rival_first_ >= at.config.rival_patience;
  const bool loses_by_order = !read && waited && precedes(rival_, kSelf, at);
  if (loses_by_lease || loses_by_order) {
    release(ElectionNews::kGaveWay, rival_, at, out);
    return true;
  }
  return false;
}

bool VipElection::lease_is_true() const {
  return vote_.lease() && vote_.ours() && vote_.lease()->term == term_;
}

bool VipElection::lease_elsewhere() const {
  return vote_.lease() && !vote_.ours() && vote_.lease()->term > term_;
}

// A VIP that was taken without a vote, or whose Lease went to a director that then found the wire
// against it: the Lease is made to say who has it. Nothing moves.
void VipElection::keep_lease_true(const Surroundings& at, ElectionActions& out) {
  if (!at.config.leases || lease_is_true()) return;
  if (at.now < next_lease_step_) return wake_at(next_lease_step_);
  next_lease_step_ = at.now + at.config.lease_retry;
  wake_at(next_lease_step_);
  const std::uint64_t term = vote_.lease() ? term_to_write(at) : 0;
  if (term == 0) {
    out.push_back(ReadLease{vip_});
  } else {
    out.push_back(ClaimLease{vip_, vote_.lease()->version, term});
  }
}

// 0: the Lease names somebody who may have the VIP by right.
std::uint64_t VipElection::term_to_write(const Surroundings& at) const {
  const LeaseView& lease = *vote_.lease();
  if (vote_.ours() || lease.holder.empty() || lease.term < term_) {
    return std::max(term_, lease.term);
  }
  const NodeId other = at.peers.find(lease.holder);
  if (other == kNobody) return lease.term + 1;
  if (other == offer_to_) return 0;
  const bool renounced = at.peers.alive(other) ? heard(other).claim == Claim::kStandby
                                               : !at.peers.at(other).lease_fresh;
  return renounced ? lease.term + 1 : 0;
}

ElectionCondition VipElection::condition(const Surroundings& at) const {
  if (phase_ == Phase::kAsking && vetoed_) return ElectionCondition::kHeartbeatsLost;
  if (stranger_last_ && at.now - *stranger_last_ < at.config.lifetime) {
    return ElectionCondition::kStranger;
  }
  if (phase_ == Phase::kHolding) {
    if (contested_ || rival_ != kNobody) return ElectionCondition::kTwoHolders;
    if (wants_rid(at) && offer_to_ == kNobody) return ElectionCondition::kNoSuccessor;
    if (lease_elsewhere()) return ElectionCondition::kLeaseElsewhere;
    if (at.config.leases && !lease_is_true() && at.now - since_ > at.config.lease_retry) {
      return ElectionCondition::kLeaseUnreadable;
    }
  }
  return fitness_ == Fitness::kFit ? ElectionCondition::kNone : ElectionCondition::kNotFit;
}

}  // namespace lvs
