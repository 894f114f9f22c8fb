#include "agent/director.h"

#include <algorithm>

#include "core/address_index.h"
#include "telemetry/log.h"

namespace lvs {
namespace {

constexpr std::uint32_t kMilli = 1000;
constexpr Duration kReportEvery{250};
// For so long a kernel's resets are held back after a VIP came (ADR 10). A living holder's agent
// tells of the youngest connections at once, and its kernel of the others in 3 s. A dead one tells
// nothing; but if it was only slow, it gives way as soon as it hears of this, and tells.
constexpr Duration kUntilAllIsTold{4'000};
constexpr Duration kUntilAlarmWasFalse{1'000};

// Of the interfaces where a VIP may be: answers on the wire are known by them.
std::vector<HardwareAddress> hardware_of(const ObservedNetwork& observed) {
  std::vector<HardwareAddress> found;
  for (const ObservedLink& link : observed.links) {
    if (link.loopback || link.hardware_address == HardwareAddress{}) continue;
    found.push_back(link.hardware_address);
  }
  return found;
}

AddressSeen seen_on(const std::string& interface, const IpAddress& vip, const AddressIndex& seen) {
  const ObservedAddress* present = seen.find(vip, interface);
  if (present == nullptr) return {vip, false, {}};
  const bool for_ever = present->valid_seconds == 0;
  return {vip, true, for_ever ? Duration::max() : Duration{present->valid_seconds * kMilli}};
}

}  // namespace

void Director::look(const NodePlan& plan, const ObservedNetwork& observed, const VipGate& gate,
                    TimePoint now) {
  if (!election_) begin(observed, now);
  keep_plan(plan, gate);
  places_.look(planned_, observed);
  if (ports_ != nullptr) places_.watch_wire(observed, *ports_);
  tell_plan(now);
  tell_addresses(observed, now);
  tell_fitness(gate, now);
  tell_duties(plan, now);
}

void Director::begin(const ObservedNetwork& observed, TimePoint now) {
  if (const auto read = terms_.load(); !read) {
    log_warning("earlier terms are not known", {{"error", read.error().message}});
  }
  election_.emplace(options_.election,
                    ElectionIdentity{options_.node, options_.boot, hardware_of(observed)}, now);
}

void Director::keep_plan(const NodePlan& plan, const VipGate& gate) {
  std::map<IpAddress, PlannedVip> planned;
  for (const auto& [address, vip] : plan.vips) planned.emplace(address, electable(vip));
  for (const auto& [address, vip] : planned_) {
    if (gate.held_back(address)) planned.try_emplace(address, vip);
  }
  find_leaving(planned);
  for (const IpAddress& address : leaving_) planned.emplace(address, planned_.at(address));
  planned_ = std::move(planned);
  std::map<std::string, PlannedDirector> peers = plan.directors;
  peers.erase(options_.node);
  if (peers == peers_) return;
  peers_ = std::move(peers);
  places_.set_peers(peers_);
  if (ports_ != nullptr) ports_->set_peers(peers_);
}

// Where no heartbeats are heard, the first in the order is the holder, come what may.
PlannedVip Director::electable(PlannedVip vip) const {
  const bool hears = ports_ != nullptr && ports_->hears_others();
  if (!hears && vip.candidates.size() > 1) vip.candidates.resize(1);
  return vip;
}

void Director::tell_plan(TimePoint now) {
  std::vector<ElectedVip> vips;
  for (const auto& [address, vip] : planned_) {
    const auto& all = vip.candidates;
    if (leaving_.contains(address)) continue;
    if (std::find(all.begin(), all.end(), options_.node) == all.end()) continue;
    vips.push_back({address, all, vip.preempt_after, terms_.at_start(address)});
  }
  if (vips == told_) return;
  told_ = vips;
  give(VipsPlanned{std::move(vips)}, now);
}

void Director::tell_addresses(const ObservedNetwork& observed, TimePoint now) {
  const AddressIndex seen(observed);
  for (const auto& [address, vip] : planned_) {
    give(seen_on(places_.find(address)->interface, address, seen), now);
  }
}

void Director::tell_fitness(const VipGate& gate, TimePoint now) {
  std::vector<VipFitness::Candidate> candidates;
  for (const ElectedVip& vip : told_) {
    candidates.push_back(
        {vip.vip, vip.candidates.front() == options_.node, places_.find(vip.vip)->reached()});
  }
  for (const FitnessChanged& news : fitness_.look(candidates, gate, now)) give(news, now);
}

bool Director::learn_hardware(const IpAddress& address, const HardwareAddress& from,
                              TimePoint now) {
  const std::string* peer = places_.director_at(address);
  if (peer == nullptr) return false;
  give(HardwareLearnt{*peer, from}, now);
  return true;
}

void Director::hear(const ElectionEvent& event, TimePoint now) {
  if (!election_) return;
  const auto* answer = std::get_if<WireAnswered>(&event);
  if (answer != nullptr && learn_hardware(answer->vip, answer->from, now)) return;
  const auto* announced = std::get_if<AnnouncementSeen>(&event);
  if (announced != nullptr && learn_hardware(announced->vip, announced->from, now)) return;
  give(event, now);
}

void Director::tick(TimePoint now) {
  if (election_ && now >= election_->next_deadline()) give(Tick{}, now);
}

void Director::give(const ElectionEvent& event, TimePoint now) {
  for (const ElectionAction& action : election_->handle(event, now)) {
    std::visit([&](const auto& each) { act(each, now); }, action);
  }
}

void Director::act(const SendHeartbeat& action, TimePoint /*now*/) {
  if (ports_ != nullptr && !peers_.empty()) ports_->send(action.heartbeat);
}

void Director::act(const AskWire& action, TimePoint now) {
  // Where nobody can be asked, nobody else can be: silence is the answer.
  if (ports_ != nullptr && !ports_->ask(action.vip)) give(WireAskFailed{action.vip}, now);
}

void Director::act(const ReadLease& action, TimePoint /*now*/) {
  if (ports_ != nullptr) ports_->read_lease(action.vip);
}

void Director::act(const ClaimLease& action, TimePoint /*now*/) {
  if (ports_ != nullptr) ports_->claim_lease(action);
}

void Director::act(const RenewDirectorLease& /*action*/, TimePoint /*now*/) {
  if (ports_ != nullptr) ports_->renew_director_lease();
}

void Director::act(const HoldAddress& action, TimePoint /*now*/) {
  const DirectorVip* place = places_.find(action.vip);
  if (place == nullptr) return;  // what is not planned is not put on
  const auto seconds = static_cast<std::uint32_t>(action.lifetime.count() / kMilli);
  std::erase_if(orders_.release, [&](const auto& each) { return each.vip == action.vip; });
  const Duration hold = action.handed_over ? kUntilAllIsTold : kUntilAlarmWasFalse;
  orders_.hold.push_back({action.vip, place->interface, place->alone ? 0 : seconds,
                          action.not_after, place->alone ? Duration{0} : hold});
}

void Director::act(const ReleaseAddress& action, TimePoint /*now*/) {
  std::erase_if(orders_.hold, [&](const auto& each) { return each.vip == action.vip; });
  orders_.release.push_back({action.vip});
}

void Director::act(const Announce& action, TimePoint /*now*/) {
  const DirectorVip* place = places_.find(action.vip);
  if (announcer_ == nullptr || place == nullptr || !place->on) return;
  const ObservedLink& link = place->on->link;
  if (link.loopback || link.noarp) return;  // nobody asks there
  if (const auto sent = announcer_->announce(action.vip, link); !sent) {
    log_warning("cannot announce", {{"vip", action.vip.to_string()},
                                    {"interface", place->interface},
                                    {"error", sent.error().message}});
  }
}

void Director::act(const ReportNews& action, TimePoint /*now*/) {
  const bool taken = action.news == ElectionNews::kTook || action.news == ElectionNews::kAccepted ||
                     action.news == ElectionNews::kAdopted;
  if (taken) remember_term(action.vip, action.term);
  report_.hear(action, clock_.wall_now());
  report_due_ = {};
}

void Director::remember_term(const IpAddress& vip, std::uint64_t term) {
  if (const auto noted = terms_.note(vip, term); !noted) {
    log_warning("the term of a VIP is not stored", {{"error", noted.error().message}});
  }
}

Roles Director::roles() const { return election_ ? election_->roles() : Roles{}; }

VipOrders Director::take_orders() { return std::exchange(orders_, {}); }

OtherDirectors Director::others() const {
  OtherDirectors others{{}, election_.has_value()};
  for (const auto& [node, director] : peers_) {
    const auto hardware = election_ ? election_->hardware_of(node) : std::vector<HardwareAddress>{};
    others.all_known = others.all_known && !hardware.empty();
    others.hardware.insert(others.hardware.end(), hardware.begin(), hardware.end());
  }
  std::sort(others.hardware.begin(), others.hardware.end());
  others.hardware.erase(std::unique(others.hardware.begin(), others.hardware.end()),
                        others.hardware.end());
  return others;
}

std::optional<TimePoint> Director::next_deadline(TimePoint now) const {
  if (!election_) return std::nullopt;
  const TimePoint next = election_->next_deadline();
  return std::min(next, fitness_.next_deadline(now).value_or(next));
}

const ElectionReport& Director::report(TimePoint now) {
  if (election_ && now >= report_due_) {
    report_.look(election_->vips(now));
    report_due_ = now + kReportEvery;
  }
  return report_;
}

std::vector<DirectorView> Director::directors() const {
  std::vector<DirectorView> views;
  if (!election_) return views;
  views = election_->directors();
  std::erase_if(views, [this](const DirectorView& view) { return !peers_.contains(view.node); });
  return views;
}

HeartbeatStats Director::heartbeat_stats() const {
  return ports_ == nullptr ? HeartbeatStats{} : ports_->heartbeat_stats();
}

}  // namespace lvs
