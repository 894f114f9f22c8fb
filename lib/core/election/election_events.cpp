// What each event means to the election.
#include <algorithm>
#include <set>

#include "core/election/election.h"

namespace lvs {

template <typename Change>
void Election::change(const IpAddress& vip, Change apply) {
  const auto at = entries_.find(vip);
  if (at == entries_.end()) return;  // not planned here, or not yet
  apply(at->second.election);
  decide(at);
}

void Election::take(const VipsPlanned& event) {
  std::set<IpAddress> planned;
  for (const ElectedVip& vip : event.vips) planned.insert(vip.vip);
  for (auto at = entries_.begin(); at != entries_.end();) {
    const auto current = at++;
    if (planned.contains(current->first)) continue;
    current->second.election.retire(surroundings());
    decide(current);
  }
  for (const ElectedVip& vip : event.vips) plan_one(vip);
}

void Election::plan_one(const ElectedVip& planned) {
  const auto [at, added] =
      entries_.try_emplace(planned.vip, Entry{VipElection(planned.vip, now_), {}});
  std::vector<NodeId> order;
  order.reserve(planned.candidates.size());
  for (const std::string& node : planned.candidates) order.push_back(peers_.intern(node));
  at->second.election.plan(std::move(order), planned.preempt_after);
  at->second.election.remember_term(planned.remembered_term);
  if (added) pages_.add(planned.vip);
  decide(at);
}

void Election::take(const HeartbeatReceived& event) {
  const Heartbeat& heartbeat = event.heartbeat;
  const Peers::Heard heard = peers_.hear(heartbeat, now_);
  if (heard == Peers::Heard::kIgnored) return;
  const NodeId peer = peers_.find(heartbeat.node);
  measure_round_trip(peer, heartbeat);
  if (heard == Peers::Heard::kRestarted) forget_claims(peer);
  hear_claims(peer, heartbeat);
  if (heard == Peers::Heard::kSame) return;
  pages_.mark_all_changed();  // it may have missed everything
  decide_all();
}

void Election::hear_claims(NodeId peer, const Heartbeat& heartbeat) {
  const Surroundings around = surroundings();
  for (const VipClaim& claim : heartbeat.vips) {
    const auto at = entries_.find(claim.vip);
    if (at != entries_.end() && at->second.election.hear(peer, claim, around)) decide(at);
  }
}

void Election::measure_round_trip(NodeId peer, const Heartbeat& heartbeat) {
  for (const HeartbeatEcho& echo : heartbeat.echoes) {
    const bool ours = echo.node == self_.node && echo.boot == self_.boot;
    if (!ours || echo.sequence > sequence_ || sequence_ - echo.sequence >= sent_at_.size())
      continue;
    const Duration trip = now_ - sent_at_[echo.sequence % sent_at_.size()] - echo.held;
    peers_.at(peer).round_trip = std::max(trip, Duration{0});
  }
}

void Election::take(const HardwareLearnt& event) {
  peers_.learn_hardware(peers_.intern(event.node), event.address);
}

void Election::take(const WireAnswered& event) {
  change(event.vip, [&](auto& vip) { vip.hear_wire(event.from, surroundings(), out_); });
}

void Election::take(const WireAskFailed& event) {
  change(event.vip, [](auto& vip) { vip.ask_failed(); });
}

void Election::take(const AnnouncementSeen& event) {
  change(event.vip, [&](auto& vip) { vip.hear_wire(event.from, surroundings(), out_); });
}

void Election::take(const LeaseSeen& event) {
  change(event.vip, [&](auto& vip) { vip.see_lease(event.lease, surroundings()); });
}

void Election::take(const LeaseGranted& event) {
  change(event.vip, [&](auto& vip) { vip.grant_lease(event.lease, surroundings()); });
}

void Election::take(const LeaseRefused& event) {
  change(event.vip, [&](auto& vip) { vip.refuse_lease(surroundings()); });
}

void Election::take(const DirectorLeaseSeen& event) {
  peers_.at(peers_.intern(event.node)).lease_fresh = event.fresh;
}

void Election::take(const FitnessChanged& event) {
  change(event.vip, [&](auto& vip) { vip.set_fitness(event.fitness, surroundings()); });
}

void Election::take(const ConnectionsKept& event) {
  warm_at_ = event.since ? *event.since + config_.warm_up : TimePoint::max();
}

void Election::take(const AddressSeen& event) {
  change(event.vip, [&](auto& vip) { vip.see_address(event, surroundings(), out_); });
}

void Election::take(const HoldFailed& event) {
  change(event.vip, [&](auto& vip) { vip.fail_hold(surroundings(), out_); });
}

void Election::take(const MoveVip& event) {
  const NodeId to = event.to ? peers_.intern(*event.to) : kNobody;
  change(event.vip, [&](auto& vip) { vip.move(to, surroundings()); });
}

void Election::take(const DrainNode& /*event*/) {
  drained_ = true;
  set_available();
}

void Election::take(const UndrainNode& /*event*/) {
  drained_ = false;
  set_available();
}

void Election::take(const LeaveElection& /*event*/) {
  leaving_ = true;
  set_available();
}

void Election::take(const Tick& /*event*/) {}

}  // namespace lvs
