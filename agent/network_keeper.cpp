#include "agent/network_keeper.h"

#include <algorithm>
#include <cerrno>

#include "agent/network_report.h"
#include "core/address_index.h"
#include "core/diff.h"
#include "core/format.h"
#include "telemetry/log.h"

namespace lvs {
namespace {

constexpr const char* kPart = "network";

bool is_loopback_v4(const DesiredVip& vip) {
  return vip.scope == VipScope::kLoopback && vip.address.family() == Family::kV4;
}

std::string object_of(const Operation& operation) {
  if (const auto* add = std::get_if<AddAddress>(&operation)) {
    return add->address.to_string() + " on " + add->interface;
  }
  if (const auto* gone = std::get_if<DeleteAddress>(&operation)) {
    return gone->address.to_string() + " on " + gone->interface;
  }
  const auto* arp = std::get_if<SetArp>(&operation);
  return arp != nullptr ? "ARP settings of " + arp->interface : "local delivery";
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

void NetworkKeeper::work(const NodePlan& plan, const RolesAfterLook& roles_after_look,
                         const std::set<IpAddress>& waiting, const VipGate& gate, TimePoint now) {
  due_ = false;
  retry_at_.reset();
  failures_.clear();
  if (!read(now)) return;
  const ElectionSays says = roles_after_look(observed_);
  RealisedNetwork wanted = realise_network(plan, says.roles, observed_, says.others);
  const auto silenced = silence(wanted);
  DesiredNetwork desired = wanted.desired;
  hold_back(desired, plan);
  fall_back_ = may_be_on_loopback(plan, observed_);
  auto done = change(desired, gate);
  if (!silenced) done = silenced;
  if (!done) fail_until_later(done.error(), now);
  std::vector<ProblemReport> problems = std::move(wanted.problems);
  problems.insert(problems.end(), failures_.begin(), failures_.end());
  const NetworkFacts facts{plan, says.roles, wanted.desired, problems, waiting, observed_};
  vips_ = report_vips(facts);
  backends_ = report_backends(facts);
  settled_ = done && failures_.empty();
  if (settled_) backoff_.reset();
  problems_.replace_part(kPart, std::move(problems));
  look_for_servers(plan);
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

// Where the kernel does not say, what was known stays.
void NetworkKeeper::look_for_servers(const NodePlan& plan) {
  auto off_link = kernel_.off_link(maybe_off_link(plan, observed_));
  if (!off_link) return log_error("routes not read", {{"error", off_link.error().message}});
  for (const IpAddress& server : *off_link) {
    if (off_link_.contains(server)) continue;
    log_warning("real server is off link and gets no new connections",
                {{"server", server.to_string()}});
  }
  off_link_ = std::move(*off_link);
}

// The ARP settings alone, and read back: only then may an address on lo follow.
Result<void> NetworkKeeper::silence(const RealisedNetwork& wanted) {
  const NetworkChange change = diff_network({{}, wanted.desired.silent_arp, {}}, observed_, saved_);
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

// What is there stays; a VIP on lo has to be silent first, one on the uplink is the election's.
void NetworkKeeper::hold_back(DesiredNetwork& desired, const NodePlan& plan) const {
  const AddressIndex seen(observed_);
  const auto must_wait = [&](const DesiredVip& vip) {
    if (seen.find(vip.address, vip.interface) != nullptr) return false;
    if (vip.scope == VipScope::kUplink) return true;
    return is_loopback_v4(vip) &&
           !is_silent_for(vip.address, plan.backends.at(vip.address), observed_);
  };
  desired.vips.erase(std::remove_if(desired.vips.begin(), desired.vips.end(), must_wait),
                     desired.vips.end());
}

Result<void> NetworkKeeper::change(const DesiredNetwork& desired, const VipGate& gate) {
  NetworkChange change = diff_network(desired, observed_, saved_);
  std::erase_if(change.operations, [&](const Operation& operation) {
    const auto* gone = std::get_if<DeleteAddress>(&operation);
    if (gone != nullptr) return gate.held_back(gone->address) || gate.leaving(gone->address);
    const auto* set = std::get_if<SetArp>(&operation);  // silence() has tried these
    return set != nullptr &&
           std::binary_search(desired.silent_arp.begin(), desired.silent_arp.end(), set->interface);
  });
  if (!change.operations.empty()) {
    if (auto applied = apply(change.operations); !applied) return applied;
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

bool NetworkKeeper::is_as_wanted(const Operation& operation, int error_number) {
  if (std::holds_alternative<AddAddress>(operation)) return error_number == EEXIST;
  return std::holds_alternative<DeleteAddress>(operation) && error_number == EADDRNOTAVAIL;
}

void NetworkKeeper::fail_until_later(const Error& error, TimePoint now) {
  if (backoff_.failures() == 0) log_error("network not as wanted", {{"error", error.message}});
  const double random = std::uniform_real_distribution<double>(0.0, 1.0)(engine_);
  retry_at_ = now + backoff_.next(random);
}

bool NetworkKeeper::is_present(const IpAddress& address, const std::string& interface) const {
  return is_on(address, interface, observed_);
}

Result<void> NetworkKeeper::remove_everything() {
  const VipGate open{[](const IpAddress&) { return true; }, [](const IpAddress&) { return true; },
                     [](const IpAddress&) { return false; },
                     [](const IpAddress&) { return false; }};
  failures_.clear();
  auto network = kernel_.dump_network();
  if (!network) return tl::unexpected(network.error());
  observed_ = std::move(*network);
  return change(DesiredNetwork{}, open);
}

}  // namespace lvs
