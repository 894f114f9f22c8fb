// The election of one VIP's holder, as one node sees it. docs/election.md has the rules and why.
//
// What comes in is remembered; decide() looks at the whole and acts (level-triggered), so that no
// order of events can leave it with a wrong idea.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/election.h"
#include "core/election/action.h"
#include "core/election/announcements.h"
#include "core/election/config.h"
#include "core/election/event.h"
#include "core/election/lease_vote.h"
#include "core/election/peers.h"
#include "core/election/view.h"
#include "core/election/wire_inquiry.h"

namespace lvs {

// What all VIPs of a node share.
struct Surroundings {
  const ElectionConfig& config;
  const Peers& peers;
  TimePoint now;
  // Since when a silence of others means something.
  TimePoint listening_since;
  bool warm = false;
  bool available = true;  // neither drained nor leaving
  bool leaving = false;
  // One VIP has to be refreshed now: all are, for a batch costs little more than one write.
  bool refreshing = false;
};

class VipElection {
 public:
  VipElection(IpAddress vip, TimePoint now) : vip_(vip), since_(now) {}

  // --- what comes in
  void plan(std::vector<NodeId> order, std::optional<Duration> preempt_after);
  void remember_term(std::uint64_t term) { learn_term(term); }
  void retire(const Surroundings& at);
  // True: it says something new.
  bool hear(NodeId peer, const VipClaim& claim, const Surroundings& at);
  void forget(NodeId peer);  // it restarted
  void hear_wire(const HardwareAddress& from, const Surroundings& at, ElectionActions& out);
  void ask_failed() { inquiry_.forget_silence(); }
  void see_lease(const LeaseView& lease, const Surroundings& at);
  void grant_lease(const LeaseView& lease, const Surroundings& at);
  void refuse_lease(const Surroundings& at);
  void set_fitness(Fitness fitness, const Surroundings& at);
  void see_address(const AddressSeen& seen, const Surroundings& at, ElectionActions& out);
  void fail_hold(const Surroundings& at, ElectionActions& out);
  void move(NodeId to, const Surroundings& at);  // kNobody: to whoever is next
  void restart_listening();                      // the node was not looked after for a while

  // --- what follows
  void decide(const Surroundings& at, ElectionActions& out);
  // When to decide again if nothing comes in.
  [[nodiscard]] TimePoint wake() const { return wake_; }
  // Its lifetime has to be set anew at this decision.
  [[nodiscard]] bool is_refresh_due(const Surroundings& at) const;

  // --- what it is
  [[nodiscard]] const IpAddress& vip() const { return vip_; }
  [[nodiscard]] VipClaim claim(const Surroundings& at) const;
  [[nodiscard]] VipRole role(const ElectionConfig& config) const;
  [[nodiscard]] VipView view(const Surroundings& at) const;
  // It left the plan, nothing of it is left here, and the others were told.
  [[nodiscard]] bool is_over(const Surroundings& at) const;
  // In the middle of a move, or somebody could take over what is here.
  [[nodiscard]] bool is_moving(const Surroundings& at) const;

 private:
  friend class Fingerprint;
  using Phase = ElectionPhase;

  struct Heard {  // a peer's last word
    Claim claim = Claim::kUnknown;
    std::uint64_t term = 0;
    bool fit = false;
    bool wants = false;
    bool offers_us = false;
    MoveReason offer_reason = MoveReason::kRequested;
    bool operator==(const Heard&) const = default;
  };

  // vip_election.cpp: the shared parts
  void enter(Phase phase, const Surroundings& at);
  void adopt(const Surroundings& at, ElectionActions& out);
  [[nodiscard]] TimePoint forgotten_at(const ElectionConfig& config) const {
    return retire_at_ + config.lifetime;
  }
  void wake_at(TimePoint when) { wake_ = wake_ < when ? wake_ : when; }
  void report(ElectionNews news, NodeId other, const Surroundings& at, ElectionActions& out);
  void learn_term(std::uint64_t term) { known_term_ = std::max(known_term_, term); }
  [[nodiscard]] bool is_up() const {
    return phase_ == Phase::kTaking || phase_ == Phase::kHolding || phase_ == Phase::kRestoring;
  }
  [[nodiscard]] const Heard& heard(NodeId peer) const;
  [[nodiscard]] std::size_t rank(NodeId node) const;
  [[nodiscard]] bool precedes(NodeId a, NodeId b, const Surroundings& at) const;
  [[nodiscard]] NodeId holder_among_peers(const Surroundings& at) const;
  [[nodiscard]] bool has_others() const { return order_.size() > 1 || rank(kSelf) != 0; }

  // vip_taking.cpp: from standby to the address
  void decide_standby(const Surroundings& at);
  void decide_asking(const Surroundings& at, ElectionActions& out);
  void decide_accepting(const Surroundings& at, ElectionActions& out);
  void decide_taking(const Surroundings& at, ElectionActions& out);
  void decide_restoring(const Surroundings& at, ElectionActions& out);
  void defer(const Surroundings& at);
  void wait_for_turn(TimePoint turn);
  void ask_wire(const Surroundings& at, ElectionActions& out);
  void campaign(const Surroundings& at, ElectionActions& out);
  void take(std::uint64_t term, const Surroundings& at, ElectionActions& out);
  [[nodiscard]] MoveReason taken_because(const Surroundings& at) const;
  void put_on(TimePoint not_after, const Surroundings& at, ElectionActions& out);
  [[nodiscard]] bool may_take(const Surroundings& at) const;
  [[nodiscard]] bool hears_available(const Surroundings& at) const;
  [[nodiscard]] NodeId offerer(const Surroundings& at) const;
  [[nodiscard]] bool goes_before(NodeId other, const Surroundings& at) const;
  [[nodiscard]] int living_before(const Surroundings& at) const;
  [[nodiscard]] int planned_before(const Surroundings& at) const;
  [[nodiscard]] bool may_be_director(const Surroundings& at) const;
  void watch_preemption(NodeId holder, const Surroundings& at);
  void meet_veto(NodeId holder, const Surroundings& at, ElectionActions& out);

  // vip_holding.cpp: with the address
  void decide_holding(const Surroundings& at, ElectionActions& out);
  bool must_let_go(const Surroundings& at, ElectionActions& out);
  bool gives_way(const Surroundings& at, ElectionActions& out);
  void release(ElectionNews news, NodeId other, const Surroundings& at, ElectionActions& out);
  [[nodiscard]] TimePoint refresh_due(const ElectionConfig& config) const;
  void refresh(const Surroundings& at, ElectionActions& out);
  void announce(const Surroundings& at, ElectionActions& out);
  void offer(const Surroundings& at, ElectionActions& out);
  [[nodiscard]] bool wants_rid(const Surroundings& at) const;
  [[nodiscard]] NodeId successor(const Surroundings& at) const;
  [[nodiscard]] NodeId first_that_could(bool cold_too, const Surroundings& at) const;
  [[nodiscard]] MoveReason offer_reason(const Surroundings& at) const;
  [[nodiscard]] bool could_take(NodeId peer, bool cold_too, const Surroundings& at) const;

  // vip_truth.cpp: rivals on the wire, strangers, and the Lease of a holder
  void meet_stranger(const HardwareAddress& from, const Surroundings& at, ElectionActions& out);
  void meet_rival(NodeId rival, const Surroundings& at, ElectionActions& out);
  bool yields_to_rival(const Surroundings& at, ElectionActions& out);
  void keep_lease_true(const Surroundings& at, ElectionActions& out);
  [[nodiscard]] bool lease_is_true() const;
  [[nodiscard]] std::uint64_t term_to_write(const Surroundings& at) const;
  [[nodiscard]] bool lease_elsewhere() const;
  [[nodiscard]] ElectionCondition condition(const Surroundings& at) const;

  IpAddress vip_;
  std::vector<NodeId> order_;
  std::optional<Duration> preempt_after_;
  bool retiring_ = false;
  TimePoint retire_at_;

  Phase phase_ = Phase::kStandby;
  TimePoint since_;
  TimePoint wake_;
  std::uint64_t term_ = 0;        // of our own acquisition, while up
  std::uint64_t known_term_ = 0;  // the highest heard of
  std::vector<Heard> heard_;      // by NodeId
  NodeId last_holder_ = kNobody;
  ElectionNews reason_ = ElectionNews::kTook;
  // For people.
  NodeId held_before_ = kNobody;  // the last that had it, this node included
  NodeId previous_holder_ = kNobody;
  MoveReason moved_because_ = MoveReason::kNobodyHadIt;
  HardwareAddress stranger_{};

  Fitness fitness_ = Fitness::kUnknown;
  TimePoint fit_since_;

  WireInquiry inquiry_;
  LeaseVote vote_;
  bool vetoed_ = false;  // the wire spoke for another director since asking began
  bool veto_told_ = false;
  TimePoint next_veto_report_;
  bool warm_then_ = false;                    // as the others know this node by now
  bool accepted_ = false;                     // taking what was offered
  TimePoint put_deadline_;                    // taking: the kernel has to have confirmed
  std::optional<TimePoint> silent_since_;     // the wire, as asked by us
  std::optional<TimePoint> no_vote_since_;    // the API server
  TimePoint not_before_;                      // somebody else may be about to take it
  TimePoint wants_since_ = TimePoint::max();  // preemption; max(): does not want
  bool wants_ = false;

  bool adoptable_ = true;               // we have not touched the address since we began
  bool present_ = false;                // as last seen in the kernel
  TimePoint valid_until_;               // the kernel keeps it at least so long
  std::optional<TimePoint> put_asked_;  // HoldAddress under way since
  Announcements announcements_;

  NodeId offer_to_ = kNobody;
  bool move_wanted_ = false;
  NodeId move_to_ = kNobody;
  TimePoint move_deadline_;

  NodeId rival_ = kNobody;  // seen on the wire, not heard
  TimePoint rival_first_;
  TimePoint rival_last_;
  TimePoint next_rival_read_;
  bool contested_ = false;  // a heard director has it, too, and must give way
  TimePoint next_defence_;
  TimePoint next_stranger_report_;
  std::optional<TimePoint> stranger_last_;
  TimePoint next_lease_step_;
};

}  // namespace lvs
