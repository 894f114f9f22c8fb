// What the election orders of the network, and what becomes of it.
#include <algorithm>
#include <map>

#include "agent/network_keeper.h"
#include "agent/network_report.h"
#include "core/format.h"
#include "telemetry/log.h"

namespace lvs {

// On lo before it goes from the uplink: what the next holder sends to the server here is served.
void NetworkKeeper::fall_back(const IpAddress& vip, ChangeSet& operations) const {
  const auto lo = std::find_if(observed_.links.begin(), observed_.links.end(),
                               [](const ObservedLink& link) { return link.loopback; });
  if (!fall_back_.contains(vip) || lo == observed_.links.end()) return;
  if (is_present(vip, lo->name)) return;
  operations.push_back(AddAddress{vip, lo->name, VipScope::kLoopback, 0, Duration{0}});
}

// One that was put on while there were other candidates still has the lifetime of those days.
bool NetworkKeeper::is_there_for_ever(const HoldOrder& order) const {
  return std::any_of(observed_.addresses.begin(), observed_.addresses.end(), [&](const auto& each) {
    return each.address == order.vip && each.interface == order.interface &&
           each.valid_seconds == 0;
  });
}

std::vector<ElectionEvent> NetworkKeeper::obey(const VipOrders& orders, const Clock& clock) {
  std::vector<ElectionEvent> events;
  ChangeSet operations;
  for (const ReleaseOrder& order : orders.release) {
    fall_back(order.vip, operations);
    const std::size_t before = operations.size();
    for (const ObservedAddress& present : observed_.addresses) {
      if (present.owned && present.address == order.vip &&
          !is_loopback(observed_, present.interface)) {
        operations.push_back(DeleteAddress{order.vip, present.interface});
      }
    }
    if (operations.size() == before) events.push_back(AddressSeen{order.vip, false, {}});
  }
  for (const HoldOrder& order : orders.hold) {
    const bool for_ever = order.valid_seconds == 0;
    const bool present = is_present(order.vip, order.interface);
    if (for_ever && present && is_there_for_ever(order)) {
      events.push_back(AddressSeen{order.vip, true, Duration::max()});
      continue;
    }
    if (!for_ever && clock.now() > order.not_after) {
      events.push_back(HoldFailed{order.vip});
      continue;
    }
    const Duration hold = present ? Duration{0} : order.hold_resets;
    operations.push_back(
        AddAddress{order.vip, order.interface, VipScope::kUplink, order.valid_seconds, hold});
  }
  if (operations.empty()) return events;
  const ApplyReport report = kernel_.apply(operations);
  metrics_.applied(operations, report);
  if (report.clients_refused) {
    log_warning("clients may be reset", {{"error", report.clients_refused->message}});
  }
  take_in(operations, report, events);
  return events;
}

void NetworkKeeper::keep_alive(Duration lifetime, const Clock& clock,
                               const std::function<bool(const IpAddress&)>& forgotten) {
  if (!read(clock.now())) return;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(lifetime).count();
  VipOrders orders;
  for (const ObservedAddress& present : observed_.addresses) {
    const bool ends = present.owned && present.valid_seconds != 0 && forgotten(present.address);
    if (!ends || is_loopback(observed_, present.interface)) continue;
    orders.hold.push_back({present.address, present.interface, static_cast<std::uint32_t>(seconds),
                           TimePoint::max()});
  }
  (void)obey(orders, clock);
}

void NetworkKeeper::take_in(const ChangeSet& operations, const ApplyReport& report,
                            std::vector<ElectionEvent>& events) {
  std::map<std::size_t, const OperationFailure*> failed;
  for (const OperationFailure& failure : report.failures) failed[failure.index] = &failure;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const auto failure = failed.find(i);
    const bool done =
        failure == failed.end() || is_as_wanted(operations[i], failure->second->error_number);
    if (!done) log_error("kernel refused", {{"error", failure->second->error.message}});
    due_ = due_ || !done || report.in_doubt;
    if (const auto* gone = std::get_if<DeleteAddress>(&operations[i])) {
      log_info("network change", {{"operation", format(operations[i])}});
      if (done) note(gone->address, gone->interface, std::nullopt);
      if (done) events.push_back(AddressSeen{gone->address, false, {}});
      ++writes_;
      due_ = true;  // lo may get it back, and the report follows
      continue;
    }
    const auto& add = std::get<AddAddress>(operations[i]);
    const bool elected = add.scope == VipScope::kUplink;
    if (!done || report.in_doubt) {
      if (elected) events.push_back(HoldFailed{add.address});
      continue;
    }
    if (!is_present(add.address, add.interface)) {
      ++writes_;  // to keep one alive changes nothing
      log_info("network change", {{"operation", format(operations[i])}});
      due_ = true;  // the report follows
    }
    note(add.address, add.interface, add.valid_seconds);
    if (!elected) continue;
    events.push_back(
        AddressSeen{add.address, true,
                    add.valid_seconds == 0 ? Duration::max() : Duration{add.valid_seconds * 1000}});
  }
}

void NetworkKeeper::note(const IpAddress& address, const std::string& interface,
                         std::optional<std::uint32_t> valid_seconds) {
  const auto at = std::find_if(observed_.addresses.begin(), observed_.addresses.end(),
                               [&](const ObservedAddress& each) {
                                 return each.address == address && each.interface == interface;
                               });
  const bool known = at != observed_.addresses.end();
  if (known && valid_seconds) at->valid_seconds = *valid_seconds;
  if (known && !valid_seconds) observed_.addresses.erase(at);
  if (known || !valid_seconds) return;
  observed_.addresses.push_back(
      {address, address_bits(address.family()), interface, true, *valid_seconds, false});
}

}  // namespace lvs
