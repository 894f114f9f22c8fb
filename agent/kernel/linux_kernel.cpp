#include "agent/kernel/linux_kernel.h"

#include <algorithm>
#include <map>

#include "agent/kernel/modules.h"
#include "agent/kernel/operation_error.h"

namespace lvs {
namespace {

enum class Subsystem { kIpvs, kAddresses, kSysctl, kLocalDelivery };

Subsystem subsystem_of(const Operation& operation) {
  if (std::holds_alternative<SetArp>(operation)) return Subsystem::kSysctl;
  if (std::holds_alternative<SetAcceptLocal>(operation)) return Subsystem::kSysctl;
  if (std::holds_alternative<SetLocalDelivery>(operation)) return Subsystem::kLocalDelivery;
  if (std::holds_alternative<SetIpvsSetting>(operation)) return Subsystem::kSysctl;
  if (std::holds_alternative<AddAddress>(operation)) return Subsystem::kAddresses;
  if (std::holds_alternative<DeleteAddress>(operation)) return Subsystem::kAddresses;
  return Subsystem::kIpvs;
}

// The operations at the front that go to the same subsystem.
std::span<const Operation> first_run(std::span<const Operation> operations) {
  const auto subsystem = subsystem_of(operations.front());
  const auto end = std::find_if(operations.begin(), operations.end(),
                                [&](const Operation& o) { return subsystem_of(o) != subsystem; });
  return operations.first(static_cast<std::size_t>(end - operations.begin()));
}

std::vector<ServiceKey> services_between_schedulers(std::span<const Operation> operations) {
  std::vector<ServiceKey> keys;
  for (const Operation& operation : operations) {
    if (replaces_scheduler(operation)) keys.push_back(std::get<SetService>(operation).key);
  }
  return keys;
}

// Each change waits for every CPU once (synchronize_rcu): some 20 ms, more on a busy machine. Only
// an agent that was killed in between lets this much pass.
Duration longest_gap(std::size_t services) {
  constexpr Duration kBase{2'000};
  constexpr Duration kEach{200};
  return kBase + kEach * static_cast<Duration::rep>(services);
}

// No reset is held back for longer, whatever a caller says.
constexpr Duration kLongestHold{10'000};

}  // namespace

Result<void> LinuxKernel::remove_leftovers() {
  if (!ipvs_is_loaded()) return {};
  auto removed = refusals_.unmute();
  if (!removed && removed.error().code == ErrorCode::kUnsupported) return {};
  return removed;
}

Result<void> LinuxKernel::remove_tables() {
  if (auto removed = remove_leftovers(); !removed || !ipvs_is_loaded()) return removed;
  auto removed = resets_.remove();
  if (!removed && removed.error().code == ErrorCode::kUnsupported) return {};
  return removed;
}

Result<std::vector<ObservedService>> LinuxKernel::dump_services() { return ipvs_.dump_services(); }

Result<ObservedPaths> LinuxKernel::dump_paths() {
  ObservedPaths paths;
  auto services = ipvs_.dump_mark_services();
  if (!services) return tl::unexpected(services.error());
  for (ObservedService& service : *services) {
    if (!is_probe_service(service.key, service.config.flags, service.owned)) {
      paths.foreign_marks.insert(service.key.firewall_mark);
      continue;
    }
    auto destinations = ipvs_.dump_destinations(service.key);
    if (!destinations) return tl::unexpected(destinations.error());
    service.destinations = std::move(*destinations);
    paths.services.push_back(std::move(service));
  }
  auto links = route_.dump_links();
  if (!links) return tl::unexpected(links.error());
  paths.accept_local = accept_local_.read(*links);
  return paths;
}

Result<std::vector<ObservedDestination>> LinuxKernel::dump_destinations(const ServiceKey& service) {
  return ipvs_.dump_destinations(service);
}

Result<ObservedNetwork> LinuxKernel::dump_network() {
  ObservedNetwork network;
  auto links = route_.dump_links();
  if (!links) return tl::unexpected(links.error());
  auto addresses = route_.dump_addresses(*links);
  if (!addresses) return tl::unexpected(addresses.error());
  auto delivery = local_delivery_.read(ipvs_);
  if (!delivery) return tl::unexpected(delivery.error());
  network.local_delivery = std::move(*delivery);
  network.arp = arp_.read(*links);
  network.links = std::move(*links);
  network.addresses = std::move(*addresses);
  return network;
}

Result<std::set<IpAddress>> LinuxKernel::off_link(const std::set<IpAddress>& addresses) {
  return route_.off_link(addresses);
}

Result<ObservedSync> LinuxKernel::dump_sync() {
  auto daemons = ipvs_.dump_daemons();
  if (!daemons) return tl::unexpected(daemons.error());
  return ObservedSync{std::move(*daemons), ipvs_sysctl_.read()};
}

ApplyReport LinuxKernel::apply(std::span<const Operation> operations) {
  ApplyReport report;
  for (std::size_t base = 0; base < operations.size();) {
    const auto run = first_run(operations.subspan(base));
    switch (subsystem_of(run.front())) {
      case Subsystem::kIpvs:
        change_ipvs(run, base, report);
        break;
      case Subsystem::kAddresses:
        change_addresses(run, base, report);
        break;
      case Subsystem::kSysctl:
        set_sysctls(run, base, report);
        break;
      case Subsystem::kLocalDelivery:
        set_local_delivery(run, base, report);
        break;
    }
    base += run.size();
  }
  std::stable_sort(report.failures.begin(), report.failures.end(),
                   [](const auto& a, const auto& b) { return a.index < b.index; });
  return report;
}

void LinuxKernel::change_ipvs(std::span<const Operation> operations, std::size_t base,
                              ApplyReport& report) {
  const std::vector<ServiceKey> between = services_between_schedulers(operations);
  if (between.empty()) {
    ipvs_.apply(operations, base, report);
    get_ready_to_take_over(operations);
    return;
  }
  const auto muted = refusals_.mute(between, longest_gap(between.size()));
  ipvs_.apply(operations, base, report);
  const auto unmuted = refusals_.unmute();
  if (!muted || !unmuted) report.clients_refused = (muted ? unmuted : muted).error();
}

int LinuxKernel::write_sysctl(const Operation& operation) const {
  if (const auto* arp = std::get_if<SetArp>(&operation)) return arp_.write(*arp);
  if (const auto* local = std::get_if<SetAcceptLocal>(&operation)) {
    return accept_local_.write(*local);
  }
  return ipvs_sysctl_.write(std::get<SetIpvsSetting>(operation));
}

void LinuxKernel::set_sysctls(std::span<const Operation> operations, std::size_t base,
                              ApplyReport& report) const {
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const int error = write_sysctl(operations[i]);
    if (error != 0) {
      report.failures.push_back({base + i, error, explain_errno(operations[i], error)});
    }
  }
}

void LinuxKernel::set_local_delivery(std::span<const Operation> operations, std::size_t base,
                                     ApplyReport& report) {
  for (std::size_t i = 0; i < operations.size(); ++i) {
    local_delivery_.apply(std::get<SetLocalDelivery>(operations[i]), base + i, ipvs_, report);
  }
}

// Who syncs will take over one day, and has no time then to load nf_tables. That it cannot be had
// is said when it is needed.
void LinuxKernel::get_ready_to_take_over(std::span<const Operation> operations) {
  const bool syncs = std::any_of(operations.begin(), operations.end(), [](const Operation& each) {
    return std::holds_alternative<StartSyncDaemon>(each);
  });
  if (syncs) (void)resets_.prepare(kLongestHold);
}

void LinuxKernel::change_addresses(std::span<const Operation> operations, std::size_t base,
                                   ApplyReport& report) {
  std::map<Duration, std::vector<IpAddress>> holds;
  for (const Operation& operation : operations) {
    const auto* add = std::get_if<AddAddress>(&operation);
    if (add != nullptr && add->hold_resets > Duration{0}) {
      holds[std::min(add->hold_resets, kLongestHold)].push_back(add->address);
    }
  }
  for (const auto& [time, vips] : holds) {
    const auto held = resets_.hold_back(vips, time);
    if (!held) report.clients_refused = held.error();
  }
  route_.apply(operations, base, report);
}

}  // namespace lvs
