#include "agent/director.h"

#include <algorithm>

#include "agent/election/neighbour_frames.h"
#include "core/realise.h"
#include "telemetry/log.h"

namespace lvs {
namespace {

constexpr std::uint32_t kMilli = 1000;
constexpr Duration kHeadStart{2'000};

// Of the interfaces where a VIP may be: answers on the wire are known by them.
std::vector<HardwareAddress> hardware_of(const ObservedNetwork& observed) {
  std::vector<HardwareAddress> found;
  for (const ObservedLink& link : observed.links) {
    if (link.loopback || link.hardware_address == HardwareAddress{}) continue;
    found.push_back(link.hardware_address);
  }
  return found;
}

}  // namespace

void Director::look(const NodePlan& plan, const ObservedNetwork& observed, const VipGate& gate,
                    TimePoint now) {
  if (!election_) begin(observed, now);
  keep_plan(plan, gate);
  find_places(observed);
  tell_plan(now);
  tell_addresses(observed, now);
  hold_off(now);
  tell_fitness(gate, now);
}

void Director::begin(const ObservedNetwork& observed, TimePoint now) {
  election_.emplace(options_.election,
                    ElectionIdentity{options_.node, options_.boot, hardware_of(observed), {}}, now);
}

void Director::keep_plan(const NodePlan& plan, const VipGate& gate) {
  std::map<IpAddress, PlannedVip> planned = plan.vips;
  for (const auto& [address, vip] : planned_) {
    if (gate.held_back(address)) planned.try_emplace(address, vip);
  }
  planned_ = std::move(planned);
  std::map<std::string, PlannedDirector> peers = plan.directors;
  peers.erase(options_.node);
  if (peers == peers_) return;
  peers_ = std::move(peers);
  peer_addresses_.clear();
  for (const auto& [node, director] : peers_) {
    for (const IpAddress& address : director.addresses) peer_addresses_[address] = node;
  }
  if (ports_ != nullptr) ports_->set_peers(peers_);
}

// Where no heartbeats are heard, the first in the order is the holder, come what may.
std::vector<std::string> Director::electable(const PlannedVip& vip) const {
  const bool hears = ports_ != nullptr && ports_->hears_others();
  if (hears || vip.candidates.size() <= 1) return vip.candidates;
  return {vip.candidates.front()};
}

std::optional<VipPlace> Director::place_on(const IpAddress& address, const std::string& interface,
                                           const ObservedNetwork& observed) const {
  const ObservedLink* link = find_link(observed, interface);
  if (link == nullptr) return std::nullopt;
  return VipPlace{*link, question_source(address, interface, observed.addresses)};
}

void Director::find_places(const ObservedNetwork& observed) {
  places_.clear();
  for (const auto& [address, vip] : planned_) {
    Place place;
    place.interface = vip.interface.empty() ? interface_for(address, observed) : vip.interface;
    place.on = place_on(address, place.interface, observed);
    const auto candidates = electable(vip);
    place.alone = candidates == std::vector<std::string>{options_.node};
    places_.emplace_hint(places_.end(), address, std::move(place));
  }
  watch_wire(observed);
}

void Director::watch_wire(const ObservedNetwork& observed) {
  std::map<IpAddress, VipPlace> watched;
  for (const auto& [address, place] : places_) {
    if (place.on && !place.alone) watched.emplace(address, *place.on);
  }
  for (const auto& [address, node] : peer_addresses_) {
    const auto on = place_on(address, interface_for(address, observed), observed);
    if (on && !watched.empty()) watched.emplace(address, *on);
  }
  if (ports_ == nullptr) return;
  if (watched != watched_) ports_->watch(watched);
  watched_ = std::move(watched);
  ask_for_peers();
}

// Before one of them is heard for the first time, only this tells its answers from a stranger's.
void Director::ask_for_peers() {
  for (const auto& [address, node] : peer_addresses_) {
    if (watched_.contains(address)) ports_->ask(address);
  }
}

bool Director::learn_hardware(const IpAddress& address, const HardwareAddress& from,
                              TimePoint now) {
  const auto peer = peer_addresses_.find(address);
  if (peer == peer_addresses_.end()) return false;
  give(HardwareLearnt{peer->second, from}, now);
  return true;
}

void Director::tell_plan(TimePoint now) {
  std::vector<ElectedVip> vips;
  for (const auto& [address, vip] : planned_) {
    const auto candidates = electable(vip);
    if (std::find(candidates.begin(), candidates.end(), options_.node) == candidates.end())
      continue;
    vips.push_back({address, candidates, vip.preempt_after, 0});
  }
  if (vips == told_) return;
  told_ = vips;
  give(VipsPlanned{std::move(vips)}, now);
}

void Director::tell_addresses(const ObservedNetwork& observed, TimePoint now) {
  for (const auto& [address, place] : places_) {
    const auto present =
        std::find_if(observed.addresses.begin(), observed.addresses.end(),
                     [&, vip = address, &at = place](const ObservedAddress& each) {
                       return each.address == vip && each.interface == at.interface;
                     });
    AddressSeen seen{address, present != observed.addresses.end(), {}};
    if (seen.present) {
      seen.valid_for =
          present->valid_seconds == 0 ? Duration::max() : Duration{present->valid_seconds * kMilli};
    }
    give(seen, now);
  }
}

void Director::hold_off(TimePoint now) {
  std::map<IpAddress, TimePoint> until;
  for (const ElectedVip& vip : told_) {
    const auto known = held_off_until_.find(vip.vip);
    const bool first = vip.candidates.front() == options_.node;
    until[vip.vip] = known != held_off_until_.end() ? known->second
                     : first                        ? now
                                                    : now + kHeadStart;
  }
  held_off_until_ = std::move(until);
  // What is planned anew later has to be told anew.
  std::erase_if(fitness_, [this](const auto& e) { return !held_off_until_.contains(e.first); });
}

void Director::tell_fitness(const VipGate& gate, TimePoint now) {
  waiting_.clear();
  for (const auto& [address, until] : held_off_until_) {
    const bool stands = gate.stands(address);
    if (!stands) waiting_.insert(address);
    if (now < until) continue;
    const Place& place = places_.at(address);
    Fitness& known = fitness_.try_emplace(address, Fitness::kUnknown).first->second;
    const bool reached = place.on && place.on->link.up && place.on->link.carrier;
    Fitness fitness = Fitness::kFit;
    if (!reached) {
      fitness = Fitness::kLinkDown;
    } else if (!stands) {
      // A change under way takes no VIP from who serves it.
      fitness = gate.serves(address) ? known : Fitness::kIpvsNotReady;
    }
    if (known == fitness) continue;
    known = fitness;
    give(FitnessChanged{address, fitness}, now);
  }
}

bool Director::is_due(const VipGate& gate, TimePoint now) const {
  const auto is_over = [&](const auto& entry) {
    return now >= entry.second && !fitness_.contains(entry.first);
  };
  return std::any_of(waiting_.begin(), waiting_.end(), gate.stands) ||
         std::any_of(held_off_until_.begin(), held_off_until_.end(), is_over);
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
  const auto place = places_.find(action.vip);
  if (place == places_.end()) return;  // what is not planned is not put on
  const bool alone = place->second.alone;
  const auto seconds = static_cast<std::uint32_t>(action.lifetime.count() / kMilli);
  std::erase_if(orders_.release, [&](const auto& each) { return each.vip == action.vip; });
  orders_.hold.push_back(
      {action.vip, place->second.interface, alone ? 0 : seconds, action.not_after});
}

void Director::act(const ReleaseAddress& action, TimePoint /*now*/) {
  std::erase_if(orders_.hold, [&](const auto& each) { return each.vip == action.vip; });
  orders_.release.push_back({action.vip});
}

void Director::act(const Announce& action, TimePoint /*now*/) {
  const auto place = places_.find(action.vip);
  if (announcer_ == nullptr || place == places_.end() || !place->second.on) return;
  const ObservedLink& link = place->second.on->link;
  if (link.loopback || link.noarp) return;  // nobody asks there
  if (const auto sent = announcer_->announce(action.vip, link); !sent) {
    log_warning("cannot announce", {{"vip", action.vip.to_string()},
                                    {"interface", place->second.interface},
                                    {"error", sent.error().message}});
  }
}

void Director::act(const ReportNews& action, TimePoint /*now*/) {
  log_info("election", {{"vip", action.vip.to_string()},
                        {"news", to_string(action.news)},
                        {"other", action.other},
                        {"term", action.term}});
}

Roles Director::roles() const { return election_ ? election_->roles() : Roles{}; }

VipOrders Director::take_orders() { return std::exchange(orders_, {}); }

std::optional<TimePoint> Director::next_deadline() const {
  if (!election_) return std::nullopt;
  TimePoint next = election_->next_deadline();
  for (const auto& [address, until] : held_off_until_) {
    if (!fitness_.contains(address)) next = std::min(next, until);
  }
  return next;
}

}  // namespace lvs
