#include "core/election/election.h"

#include <algorithm>

namespace lvs {

namespace {

// At a tick. The rest has its turn at the next one: so that who has much to say goes on listening,
// and what it orders does not wait, for an order is good for a moment only.
constexpr std::size_t kActionsAtOnce = 32;

}  // namespace

Election::Election(ElectionConfig config, ElectionIdentity self, TimePoint now)
    : config_(config),
      self_(std::move(self)),
      peers_(self_.node, config_),
      now_(now),
      listening_since_(now),
      warm_at_(now + config_.warm_up),
      last_heartbeat_(now - config_.heartbeat),
      next_director_lease_(now) {
  for (const HardwareAddress& address : self_.hardware) peers_.learn_hardware(kSelf, address);
}

ElectionActions Election::handle(const ElectionEvent& event, TimePoint now) {
  const TimePoint before = now_;
  now_ = std::max(now_, now);
  if (now_ - before > config_.silence()) notice_stall();
  std::visit([this](const auto& e) { take(e); }, event);
  notice_silence();
  notice_warmth();
  // What time demands, ticks do: other events come in by the hundred between two of them. Decisions
  // first, so that others hear of them at once.
  if (std::holds_alternative<Tick>(event)) {
    decide_due();
    send_due();
  }
  return std::exchange(out_, {});
}

// We did not listen for so long that everybody seems silent, or nobody asked for our sake.
void Election::notice_stall() {
  listening_since_ = now_;
  peers_.excuse_silence(now_);
  for (auto& [vip, entry] : entries_) entry.election.restart_listening();
}

void Election::notice_silence() {
  const std::vector<NodeId> silent = peers_.expire(now_);
  for (const NodeId peer : silent) forget_claims(peer);
  if (!silent.empty()) decide_all();
}

void Election::notice_warmth() {
  const bool warm = now_ >= warm_at_;
  if (warm == warm_) return;
  warm_ = warm;
  pages_.mark_news();
  decide_all();
}

void Election::set_available() {
  pages_.mark_news();
  decide_all();
}

Surroundings Election::surroundings(TimePoint now) const {
  return {config_,  peers_,     now, listening_since_, warm_, !drained_ && !leaving_,
          leaving_, refreshing_};
}

void Election::decide(Entries::iterator at) {
  auto& [vip, entry] = *at;
  const Surroundings around = surroundings();
  entry.election.decide(around, out_);
  wakes_.erase({entry.wake, vip});
  if (entry.election.is_over(around)) {
    pages_.remove(vip);
    entries_.erase(at);
    return;
  }
  // Time has to pass, whatever it waits for.
  entry.wake = std::max(entry.election.wake(), now_ + Duration{1});
  wakes_.insert({entry.wake, vip});
  VipClaim claim = entry.election.claim(around);
  if (claim == entry.told) return;
  entry.told = std::move(claim);
  pages_.mark_changed(vip);
  pages_.mark_news();
}

void Election::decide_all() {
  for (auto at = entries_.begin(); at != entries_.end();) decide(at++);
}

void Election::decide_due() {
  bool refresh = false;
  const std::size_t enough = out_.size() + kActionsAtOnce;
  while (!wakes_.empty() && wakes_.begin()->first <= now_ && out_.size() < enough) {
    const auto at = entries_.find(wakes_.begin()->second);
    refresh = refresh || at->second.election.is_refresh_due(surroundings());
    decide(at);
  }
  if (refresh) refresh_all();
}

// VIPs that were once written together stay together; the others join them.
void Election::refresh_all() {
  refreshing_ = true;
  decide_all();
  refreshing_ = false;
}

void Election::forget_claims(NodeId peer) {
  for (auto& [vip, entry] : entries_) entry.election.forget(peer);
}

TimePoint Election::heartbeat_due() const {
  return last_heartbeat_ + (pages_.has_news() ? config_.heartbeat_spacing : config_.heartbeat);
}

void Election::send_due() {
  if (now_ >= heartbeat_due()) {
    for (const auto& page : pages_.next(config_.vips_per_heartbeat, config_.heartbeats_at_once)) {
      send_heartbeat(page);
    }
    last_heartbeat_ = now_;
  }
  if (config_.leases && now_ >= next_director_lease_) {
    out_.push_back(RenewDirectorLease{});
    next_director_lease_ = now_ + config_.director_lease;
  }
}

void Election::send_heartbeat(const std::vector<IpAddress>& vips) {
  Heartbeat heartbeat{self_.node,  self_.boot,
                      ++sequence_, peers_.at(kSelf).hardware,
                      warm_,       !drained_ && !leaving_,
                      {},          peers_.echoes(now_)};
  heartbeat.vips.reserve(vips.size());
  for (const IpAddress& vip : vips) heartbeat.vips.push_back(entries_.at(vip).told);
  sent_at_[sequence_ % sent_at_.size()] = now_;
  out_.push_back(SendHeartbeat{std::move(heartbeat)});
}

TimePoint Election::next_deadline() const {
  TimePoint next = std::min(heartbeat_due(), peers_.next_expiry());
  if (!wakes_.empty()) next = std::min(next, wakes_.begin()->first);
  if (config_.leases) next = std::min(next, next_director_lease_);
  if (!warm_) next = std::min(next, warm_at_);
  return next;
}

Roles Election::roles() const {
  Roles roles;
  for (const auto& [vip, entry] : entries_) roles.emplace(vip, entry.election.role(config_));
  return roles;
}

VipRole Election::role(const IpAddress& vip) const {
  const auto at = entries_.find(vip);
  return at == entries_.end() ? VipRole{} : at->second.election.role(config_);
}

bool Election::may_stop() const {
  const Surroundings around = surroundings();
  return std::none_of(entries_.begin(), entries_.end(),
                      [&](const auto& entry) { return entry.second.election.is_moving(around); });
}

std::vector<VipView> Election::vips(TimePoint now) const {
  std::vector<VipView> views;
  for (const auto& [vip, entry] : entries_) views.push_back(entry.election.view(surroundings(now)));
  return views;
}

std::vector<HardwareAddress> Election::hardware_of(const std::string& node) const {
  const NodeId id = peers_.find(node);
  return id == kNobody ? std::vector<HardwareAddress>{} : peers_.at(id).hardware;
}

std::vector<DirectorView> Election::directors() const {
  std::vector<DirectorView> views;
  for (NodeId id = 1; id < peers_.count(); ++id) {
    const Peer& peer = peers_.at(id);
    views.push_back({peer.name, peer.alive, peer.warm, peer.available, peer.last_heard,
                     peer.round_trip, peer.received, peer.missed, peer.ignored});
  }
  return views;
}

}  // namespace lvs
