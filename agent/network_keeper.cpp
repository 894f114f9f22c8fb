#include "agent/network_keeper.h"

#include <algorithm>
#include <cerrno>

#include "agent/network_report.h"
#include "core/diff.h"
#include "core/format.h"
#include "telemetry/log.h"

namespace lvs {
namespace {

constexpr const char* kPart = "network";
constexpr int kBurst = 5;
constexpr Duration kBurstSpacing{100};

bool is_loopback_v4(const DesiredVip& vip) {
  return vip.scope == VipScope::kLoopback && vip.address.family() == Family::kV4;
}

// Somebody was faster: what we wanted is so.
bool is_as_wanted(const Operation& operation, int error_number) {
  if (std::holds_alternative<AddAddress>(operation)) return error_number == EEXIST;
  return std::holds_alternative<DeleteAddress>(operation) && error_number == EADDRNOTAVAIL;
}

std::string object_of(const Operation& operation) {
  if (const auto* add = std::get_if<AddAddress>(&operation)) {
    return add->address.to_string() + " on " + add->interface;
  }
  if (const auto* gone = std::get_if<DeleteAddress>(&operation)) {
    return gone->address.to_string() + " on " + gone->interface;
  }
  return "ARP settings of " + std::get<SetArp>(operation).interface;
}

const ObservedLink* find_link(const ObservedNetwork& network, const std::string& name) {
  const auto at = std::find_if(network.links.begin(), network.links.end(),
                               [&](const ObservedLink& link) { return link.name == name; });
  return at == network.links.end() ? nullptr : &*at;
}

}  // namespace

void NetworkKeeper::start() {
  auto saved = store_.load();
  if (saved) {
    saved_ = std::move(*saved);
    return;
  }
  log_error("stored ARP settings are unreadable", {{"error", saved.error().message}});
  problems_.set({"ARP settings", "SavedArpUnknown",
                 saved.error().message + "; they stay as they are when the VIPs go"});
}

bool NetworkKeeper::is_due(const VipGate& gate, TimePoint now) const {
  if (due_ || (retry_at_ && now >= *retry_at_)) return true;
  return std::any_of(waiting_.begin(), waiting_.end(), gate.stands);
}

void NetworkKeeper::work(const NodePlan& plan, const Roles& roles, const VipGate& gate,
                         TimePoint now) {
  due_ = false;
  retry_at_.reset();
  failures_.clear();
  const ObservedNetwork before = observed_;
  if (!read(now)) return;
  RealisedNetwork wanted = realise_network(plan, roles, observed_);
  auto done = silence(wanted);
  if (done) {
    DesiredNetwork desired = wanted.desired;
    hold_back(desired, plan, gate);
    done = change(desired, gate, now);
  }
  if (!done) fail_until_later(done.error(), now);
  announce_after_link_up(before, now);
  std::vector<ProblemReport> problems = std::move(wanted.problems);
  problems.insert(problems.end(), failures_.begin(), failures_.end());
  const NetworkFacts facts{plan, roles, wanted.desired, problems, waiting_, observed_};
  vips_ = report_vips(facts);
  backends_ = report_backends(facts);
  settled_ = done && failures_.empty();
  if (settled_) backoff_.reset();
  problems_.replace_part(kPart, std::move(problems));
}

bool NetworkKeeper::read(TimePoint now) {
  auto network = kernel_.dump_network();
  if (!network) {
    settled_ = false;
    problems_.replace_part(kPart, {{kPart, "KernelUnavailable", network.error().message}});
    fail_until_later(network.error(), now);
    return false;
  }
  observed_ = std::move(*network);
  return true;
}

// The ARP settings alone, and read back: only then may an address on lo follow.
Result<void> NetworkKeeper::silence(const RealisedNetwork& wanted) {
  const NetworkChange change = diff_network({{}, wanted.desired.silent_arp}, observed_, saved_);
  ChangeSet settings;
  for (const Operation& operation : change.operations) {
    const auto* set = std::get_if<SetArp>(&operation);
    if (set == nullptr) continue;
    const auto& silent = wanted.desired.silent_arp;
    if (std::binary_search(silent.begin(), silent.end(), set->interface)) {
      settings.push_back(operation);
    }
  }
  if (settings.empty()) return {};
  SavedArpValues saved = saved_;
  saved.insert(change.saved.begin(), change.saved.end());
  if (auto stored = remember(saved); !stored) return stored;
  return apply(settings);
}

void NetworkKeeper::hold_back(DesiredNetwork& desired, const NodePlan& plan, const VipGate& gate) {
  waiting_.clear();
  const auto must_wait = [&](const DesiredVip& vip) {
    if (is_present(vip.address, vip.interface)) return false;
    if (is_loopback_v4(vip)) {
      return !is_silent_for(vip.address, plan.backends.at(vip.address), observed_);
    }
    if (vip.scope == VipScope::kLoopback || gate.stands(vip.address)) return false;
    waiting_.push_back(vip.address);
    return true;
  };
  desired.vips.erase(std::remove_if(desired.vips.begin(), desired.vips.end(), must_wait),
                     desired.vips.end());
}

Result<void> NetworkKeeper::change(const DesiredNetwork& desired, const VipGate& gate,
                                   TimePoint now) {
  NetworkChange change = diff_network(desired, observed_, saved_);
  std::erase_if(change.operations, [&](const Operation& operation) {
    const auto* gone = std::get_if<DeleteAddress>(&operation);
    if (gone != nullptr) return gate.held_back(gone->address);
    const auto* set = std::get_if<SetArp>(&operation);  // silence() has tried these
    return set != nullptr &&
           std::binary_search(desired.silent_arp.begin(), desired.silent_arp.end(), set->interface);
  });
  if (!change.operations.empty()) {
    if (auto applied = apply(change.operations); !applied) return applied;
  }
  for (const Operation& operation : change.operations) {
    const auto* add = std::get_if<AddAddress>(&operation);
    if (add != nullptr && add->scope == VipScope::kUplink &&
        is_present(add->address, add->interface)) {
      start_burst(add->address, add->interface, now);
    }
  }
  // Old values are forgotten only when they were read back; what silence() saved stays.
  return remember(diff_network(desired, observed_, saved_).saved);
}

Result<void> NetworkKeeper::remember(const SavedArpValues& saved) {
  if (saved == saved_) return {};
  if (auto stored = store_.store(saved); !stored) return stored;
  saved_ = saved;
  return {};
}

Result<void> NetworkKeeper::apply(const ChangeSet& operations) {
  const ApplyReport report = kernel_.apply(operations);
  metrics_.applied(operations, report);
  writes_ += operations.size() - report.failures.size();
  for (const Operation& operation : operations) {
    log_info("network change", {{"operation", format(operation)}});
  }
  for (const OperationFailure& failure : report.failures) {
    const Operation& operation = operations[failure.index];
    if (is_as_wanted(operation, failure.error_number)) continue;
    failures_.push_back({object_of(operation), "KernelRefused", failure.error.message});
    log_error("kernel refused", {{"error", failure.error.message}});
  }
  auto network = kernel_.dump_network();
  if (!network) return tl::unexpected(network.error());
  observed_ = std::move(*network);
  if (!failures_.empty()) return tl::unexpected(Error{ErrorCode::kIo, failures_[0].message});
  return {};
}

void NetworkKeeper::fail_until_later(const Error& error, TimePoint now) {
  if (backoff_.failures() == 0) log_error("network not as wanted", {{"error", error.message}});
  const double random = std::uniform_real_distribution<double>(0.0, 1.0)(engine_);
  retry_at_ = now + backoff_.next(random);
}

void NetworkKeeper::start_burst(const IpAddress& address, const std::string& interface,
                                TimePoint now) {
  std::erase_if(bursts_, [&](const Burst& burst) { return burst.address == address; });
  if (announcer_ != nullptr) bursts_.push_back({address, interface, kBurst, now});
}

// A switch that was gone has forgotten where we are.
void NetworkKeeper::announce_after_link_up(const ObservedNetwork& before, TimePoint now) {
  for (const VipReport& vip : vips_) {
    if (!vip.holder || !is_present(vip.address, vip.interface)) continue;
    const ObservedLink* then = find_link(before, vip.interface);
    const ObservedLink* link = find_link(observed_, vip.interface);
    if (then != nullptr && link != nullptr && !then->carrier && link->carrier) {
      start_burst(vip.address, vip.interface, now);
    }
  }
}

void NetworkKeeper::announce(TimePoint now) {
  for (Burst& burst : bursts_) {
    if (burst.next > now) continue;
    const ObservedLink* link = find_link(observed_, burst.interface);
    const bool present = link != nullptr && is_present(burst.address, burst.interface);
    burst.left = present ? burst.left - 1 : 0;
    burst.next = now + kBurstSpacing;
    if (!present) continue;
    if (const auto sent = announcer_->announce(burst.address, *link); !sent) {
      log_warning("cannot announce", {{"vip", burst.address.to_string()},
                                      {"interface", burst.interface},
                                      {"error", sent.error().message}});
      burst.left = 0;
    }
  }
  std::erase_if(bursts_, [](const Burst& burst) { return burst.left <= 0; });
}

std::optional<TimePoint> NetworkKeeper::next_deadline() const {
  std::optional<TimePoint> next = retry_at_;
  for (const Burst& burst : bursts_) {
    if (!next || burst.next < *next) next = burst.next;
  }
  return next;
}

bool NetworkKeeper::is_present(const IpAddress& address, const std::string& interface) const {
  return is_on(address, interface, observed_);
}

Result<void> NetworkKeeper::remove_everything() {
  const VipGate open{[](const IpAddress&) { return true; }, [](const IpAddress&) { return false; }};
  failures_.clear();
  auto network = kernel_.dump_network();
  if (!network) return tl::unexpected(network.error());
  observed_ = std::move(*network);
  return change(DesiredNetwork{}, open, TimePoint{});
}

}  // namespace lvs
