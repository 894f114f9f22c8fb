#include "tests/unit/core/election/fingerprint.h"

#include <algorithm>
#include <type_traits>

namespace lvs {

using test::World;
using test::WorldNode;

ContentHash Fingerprint::of(const World& world) {
  Fingerprint fingerprint(world);
  fingerprint.add_world();
  return fingerprint.hasher_.finish();
}

// What is long past or far ahead is all the same.
void Fingerprint::add(TimePoint time) {
  const Duration reach = 2 * world_.config().election.lifetime + Duration{100};
  const Duration from_now = time == TimePoint::max() ? reach : time - world_.now();
  add(static_cast<std::uint64_t>((std::clamp(from_now, -reach, reach) + reach).count()));
}

void Fingerprint::add(const std::optional<TimePoint>& time) {
  add(std::uint64_t{time.has_value()});
  if (time) add(*time);
}

void Fingerprint::add(const VipClaim& claim) {
  add(static_cast<std::uint64_t>(claim.claim) * 4 + claim.fit * 2 + claim.wants);
  add(claim.term);
  hasher_.add_string(claim.offer_to);
}

void Fingerprint::add(const HardwareAddress& address) { add(std::uint64_t{address[5]}); }

void Fingerprint::add_world() {
  for (int i = 0; i < world_.count(); ++i) {
    add_node(i);
    for (int j = 0; j < world_.count(); ++j) {
      const auto a = static_cast<std::size_t>(i);
      const auto b = static_cast<std::size_t>(j);
      add(std::uint64_t{world_.muted()[a][b]} * 2 + world_.split()[a][b]);
    }
  }
  for (const auto& message : world_.messages()) {
    add(message.due);
    add(static_cast<std::uint64_t>(message.to));
    add(message.heartbeat, message.to);
  }
  for (const auto& call : world_.calls()) {
    add(call.arrives);
    add(call.answered);
    add(static_cast<std::uint64_t>(call.node) * 2 + call.served);
    add(world_.node(call.node).boot - call.boot);
    if (call.claim) add(ElectionAction{*call.claim});
    if (call.first) add(*call.first, call.node);
    if (call.second) add(*call.second, call.node);
  }
  for (const auto& [vip, lease] : world_.leases()) {
    hasher_.add_string(lease.holder);
    add(lease.term);
    add(std::uint64_t{lease.version == 0});
  }
}

void Fingerprint::add_node(int index) {
  const WorldNode& node = world_.node(index);
  std::uint64_t bits = 0;
  for (const bool bit : {node.election.has_value(), node.machine, node.paused, node.frozen,
                         node.link, node.isolated, node.ipvs, node.leaving}) {
    bits = bits * 2 + bit;
  }
  add(bits);
  add(static_cast<std::uint64_t>(node.api) * 16 + static_cast<std::uint64_t>(node.told_fitness));
  add(node.boot);
  for (const auto& [vip, until] : node.addresses) add(until);
  add(node.inbox.size());
  for (const ElectionEvent& event : node.inbox) add(event, index);
  add(node.decided.size());
  for (const ElectionAction& action : node.decided) add(action);
  if (node.election) add(*node.election);
}

// What counts of a sequence number is whether the receiver knows a later one.
void Fingerprint::add(const Heartbeat& heartbeat, int to) {
  const WorldNode& receiver = world_.node(to);
  hasher_.add_string(heartbeat.node);
  add(world_.node(heartbeat.node.back() - '1').boot - heartbeat.boot);
  if (receiver.election) {
    const Peers& peers = receiver.election->peers_;
    const NodeId id = peers.find(heartbeat.node);
    const bool same = id != kNobody && peers.at(id).boot == heartbeat.boot;
    const auto behind = static_cast<std::int64_t>(peers.at(same ? id : kSelf).sequence) -
                        static_cast<std::int64_t>(heartbeat.sequence);
    add(same ? static_cast<std::uint64_t>(std::clamp<std::int64_t>(behind, -20, 0)) : 1);
  }
  add(std::uint64_t{heartbeat.warm} * 2 + heartbeat.available);
  for (const VipClaim& claim : heartbeat.vips) add(claim);
}

void Fingerprint::add(const Election& election) {
  add(election.now_);
  add(election.listening_since_);
  add(std::uint64_t{election.warm_} * 4 + election.drained_ * 2 + election.leaving_);
  if (!election.warm_) add(election.warm_at_);
  add(election.last_heartbeat_);
  if (election.config_.leases) add(election.next_director_lease_);
  add(election.peers_);
  add(election.pages_);
  for (const auto& [vip, entry] : election.entries_) {
    add(entry.told);
    add(entry.wake);
    add(entry.election);
  }
}

void Fingerprint::add(const Peers& peers) {
  for (NodeId id = 1; id < peers.count(); ++id) {
    const Peer& peer = peers.at(id);
    add(std::uint64_t{peer.heard} * 16 + peer.alive * 8 + peer.warm * 4 + peer.available * 2 +
        peer.lease_fresh);
    if (peer.alive) add(peer.last_heard);
    for (const HardwareAddress& address : peer.hardware) add(address);
    const WorldNode& node = world_.node(peer.name.back() - '1');
    add(node.boot - peer.boot);
  }
}

void Fingerprint::add(const HeartbeatPages& pages) {
  add(std::uint64_t{pages.news_});
  for (const auto& [vip, left] : pages.repeats_) add(static_cast<std::uint64_t>(left));
}

void Fingerprint::add(const VipElection& vip) {
  std::uint64_t bits = 0;
  for (const bool bit : {vip.retiring_, vip.warm_then_, vip.vetoed_, vip.accepted_, vip.wants_,
                         vip.adoptable_, vip.present_, vip.move_wanted_, vip.contested_,
                         vip.put_asked_.has_value(), vip.inquiry_.outstanding_}) {
    bits = bits * 2 + bit;
  }
  add(bits);
  add(static_cast<std::uint64_t>(vip.phase_) * 256 + static_cast<std::uint64_t>(vip.fitness_) * 16 +
      static_cast<std::uint64_t>(vip.reason_));
  add(vip.term_);
  add(vip.known_term_);
  for (const auto& heard : vip.heard_) {
    add(static_cast<std::uint64_t>(heard.claim) * 8 + heard.fit * 4 + heard.wants * 2 +
        heard.offers_us);
    add(heard.term);
  }
  add(vip.last_holder_);
  add(vip.fit_since_);
  add_taking(vip);
  add_holding(vip);
}

void Fingerprint::add_taking(const VipElection& vip) {
  using Phase = ElectionPhase;
  const bool asking = vip.phase_ == Phase::kAsking || vip.phase_ == Phase::kRestoring;
  if (asking || vip.rival_ != kNobody) {
    add(vip.since_);
    add(vip.inquiry_.next_);
    add(static_cast<std::uint64_t>(vip.inquiry_.unanswered_) * 2 + vip.inquiry_.answered_);
    add(vip.silent_since_);
    add(vip.no_vote_since_);
    add(vip.not_before_);
  }
  if (vip.phase_ == Phase::kTaking) add(vip.put_deadline_);
  if (vip.wants_since_ != TimePoint::max()) add(vip.wants_since_);
  add(vip.vote_, vip.vip_);
}

void Fingerprint::add_holding(const VipElection& vip) {
  if (vip.present_) add(vip.valid_until_);
  add(vip.put_asked_);
  if (vip.phase_ == ElectionPhase::kHolding) add(vip.next_lease_step_);
  add(vip.offer_to_);
  if (vip.move_wanted_) {
    add(vip.move_to_);
    add(vip.move_deadline_);
  }
  add(vip.rival_);
  if (vip.rival_ != kNobody) {
    add(vip.rival_first_);
    add(vip.rival_last_);
    add(vip.next_rival_read_);
  }
}

std::uint64_t Fingerprint::version(const IpAddress& vip, const std::string& known) const {
  const auto lease = world_.leases().find(vip);
  const int current = lease == world_.leases().end() ? 0 : lease->second.version;
  return static_cast<std::uint64_t>(current - (known.empty() ? 0 : std::stoi(known)));
}

void Fingerprint::add(const LeaseView& lease, const IpAddress& vip) {
  add(version(vip, lease.version));
  hasher_.add_string(lease.holder);
  add(lease.term);
}

void Fingerprint::add(const LeaseVote& vote, const IpAddress& vip) {
  add(std::uint64_t{vote.lease_.has_value()});
  if (vote.lease_) add(*vote.lease_, vip);
  add(static_cast<std::uint64_t>(vote.state_) * 4 + vote.reading_ * 2 + vote.prepared_);
  add(vote.claimed_term_);
  if (vote.reading_ || vote.state_ == LeaseVote::State::kPending) add(vote.answer_due_);
  add(vote.not_before_);
}

void Fingerprint::add(const ElectionEvent& event, int to) {
  add(event.index());
  const auto lease = [&](const auto& e) { add(e.lease, e.vip); };
  if (const auto* e = std::get_if<LeaseSeen>(&event)) lease(*e);
  if (const auto* e = std::get_if<LeaseGranted>(&event)) lease(*e);
  if (const auto* e = std::get_if<WireAnswered>(&event)) add(e->from);
  if (const auto* e = std::get_if<AnnouncementSeen>(&event)) add(e->from);
  if (const auto* e = std::get_if<AddressSeen>(&event)) {
    add(static_cast<std::uint64_t>(e->valid_for.count()) * 2 + e->present);
  }
  if (const auto* e = std::get_if<HeartbeatReceived>(&event)) {
    add(e->heartbeat, to);
  }
}

void Fingerprint::add(const ElectionAction& action) {
  add(action.index());
  if (const auto* a = std::get_if<HoldAddress>(&action)) {
    add(a->not_after);
    add(a->handed_over);
  }
  if (const auto* a = std::get_if<ClaimLease>(&action)) {
    add(version(a->vip, a->version));
    add(a->term);
  }
  if (const auto* a = std::get_if<SendHeartbeat>(&action)) {
    for (int to = 0; to < world_.count(); ++to) add(a->heartbeat, to);
  }
}

}  // namespace lvs
