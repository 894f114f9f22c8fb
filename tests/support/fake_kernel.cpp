#include "tests/support/fake_kernel.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <tuple>

#include "agent/kernel/operation_error.h"
#include "core/format.h"

namespace lvs::testing {
namespace {

// As the real kernel keeps and shows it: no time or prefix where nothing is persistent.
ServiceConfig as_kept(ServiceConfig config, Family family) {
  config.flags &= ~(kFlagHashed | kFlagOwned | kFlagPersistent);
  if (config.persistence_seconds == 0) {
    config.persistence_prefix = 0;
    return config;
  }
  config.flags |= kFlagPersistent;
  if (config.persistence_prefix == 0) config.persistence_prefix = address_bits(family);
  return config;
}

// What the kernel accepts as the address of a real server (__ip_vs_new_dest).
bool is_usable(const IpAddress& address) {
  const bool link_local_v6 = address.family() == Family::kV6 && address.is_link_local();
  return !address.is_multicast() && !address.is_unspecified() && !address.is_limited_broadcast() &&
         !link_local_v6;
}

int check_destination(const ServiceKey& service, const DestinationKey& key,
                      const DestinationConfig& config) {
  if (key.address.family() != service.family() && config.forwarding != ForwardingMethod::kTunnel) {
    return EINVAL;
  }
  if (config.weight > INT_MAX || config.lower_threshold > config.upper_threshold) return ERANGE;
  return 0;
}

Error no_nftables() {
  return {ErrorCode::kUnsupported, "nftables table lvs-agent: Operation not supported"};
}

}  // namespace

FakeKernel::FakeKernel() {
  ObservedLink lo;
  lo.name = "lo";
  lo.index = next_link_index_++;
  lo.up = lo.carrier = lo.loopback = true;
  links_.push_back(lo);
}

Result<std::vector<ObservedService>> FakeKernel::dump_services() {
  ++service_dumps_;
  if (auto error = take_dump_error()) return tl::unexpected(*error);
  std::vector<ObservedService> services;
  for (const auto& [key, service] : services_) {
    if (is_probe_service(key, service.config.flags, service.owned)) continue;
    services.push_back({key, service.config, service.owned, {}, {}});
  }
  return services;
}

Result<ObservedPaths> FakeKernel::dump_paths() {
  if (auto error = take_dump_error()) return tl::unexpected(*error);
  ObservedPaths paths;
  for (const auto& [key, service] : services_) {
    if (key.firewall_mark == 0) continue;
    if (!is_probe_service(key, service.config.flags, service.owned)) {
      paths.foreign_marks.insert(key.firewall_mark);
      continue;
    }
    ObservedService& seen = paths.services.emplace_back();
    seen.key = key;
    seen.config = service.config;
    seen.owned = true;
    for (const auto& [place, each] : service.destinations) seen.destinations.push_back(each);
  }
  for (const ObservedLink& link : links_) {
    if (!link.loopback) paths.accept_local[link.name] = {accept_local_[link.name], 0};
  }
  return paths;
}

Result<std::vector<ObservedDestination>> FakeKernel::dump_destinations(const ServiceKey& service) {
  ++destination_dumps_;
  if (auto error = take_dump_error()) return tl::unexpected(*error);
  std::vector<ObservedDestination> destinations;
  const auto found = services_.find(service);
  if (found == services_.end()) return destinations;
  for (const auto& [key, destination] : found->second.destinations) {
    destinations.push_back(destination);
  }
  return destinations;
}

Result<ObservedNetwork> FakeKernel::dump_network() {
  ++network_dumps_;
  if (auto error = take_dump_error()) return tl::unexpected(*error);
  ObservedNetwork network{links_, addresses_, {}, local_delivery_};
  std::sort(network.addresses.begin(), network.addresses.end(), [](const auto& a, const auto& b) {
    return std::tie(a.address, a.interface, a.prefix_length) <
           std::tie(b.address, b.interface, b.prefix_length);
  });
  for (const auto& link : links_) {
    const auto arp = arp_.find(link.name);
    if (link.loopback || arp == arp_.end()) continue;
    network.arp.push_back(arp->second);
    network.arp.back().all_ignore = all_ignore_;
    network.arp.back().all_announce = all_announce_;
  }
  return network;
}

Result<std::set<IpAddress>> FakeKernel::off_link(const std::set<IpAddress>& addresses) {
  if (auto error = take_dump_error()) return tl::unexpected(*error);
  std::set<IpAddress> found = addresses;
  std::erase_if(found, [&](const IpAddress& address) {
    const auto has = [&](const IpNetwork& network) { return network.contains(address); };
    return std::any_of(direct_routes_.begin(), direct_routes_.end(), has) ||
           std::any_of(addresses_.begin(), addresses_.end(), [&](const ObservedAddress& present) {
             return has({present.address, present.prefix_length});
           });
  });
  return found;
}

ApplyReport FakeKernel::apply(std::span<const Operation> operations) {
  ++apply_calls_;
  ApplyReport report;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    if (cut_after_ == i) {
      report.in_doubt = true;
      break;
    }
    operations_.push_back(operations[i]);
    if (!nftables_ && replaces_scheduler(operations[i])) report.clients_refused = no_nftables();
    const int error = carry_out(operations[i]);
    if (error == 0) continue;
    report.failures.push_back({i, error, explain_errno(operations[i], error)});
  }
  cut_after_.reset();
  if (lose_answers_) report = {{}, {}, true};
  lose_answers_ = false;
  return report;
}

int FakeKernel::carry_out(const Operation& operation) {
  if (const int error = take_scripted_error(); error != 0) return error;
  return std::visit([this](const auto& o) { return change(o); }, operation);
}

int FakeKernel::take_scripted_error() {
  const auto scripted = scripted_errors_.extract(operation_count_++);
  return scripted.empty() ? 0 : scripted.mapped();
}

std::optional<Error> FakeKernel::take_dump_error() {
  if (dump_errors_.empty()) return std::nullopt;
  Error error = std::move(dump_errors_.front());
  dump_errors_.pop_front();
  return error;
}

int FakeKernel::check_config(const ServiceKey& key, const ServiceConfig& config) const {
  const bool known = config.scheduler.empty() || is_scheduler(config.scheduler);
  if (!known || missing_schedulers_.contains(config.scheduler)) return ENOENT;
  return config.persistence_prefix > address_bits(key.family()) ? EINVAL : 0;
}

int FakeKernel::change(const NewService& o) {
  if (services_.contains(o.key)) return EEXIST;
  if (const int error = check_config(o.key, o.config); error != 0) return error;
  services_[o.key] = {as_kept(o.config, o.key.family()), true, {}};
  return 0;
}

int FakeKernel::change(const SetService& o) {
  const auto service = services_.find(o.key);
  if (service == services_.end()) return ESRCH;
  if (const int error = check_config(o.key, o.config); error != 0) return error;
  const std::string& before = service->second.config.scheduler;
  const bool has_gap = !before.empty() && before != o.config.scheduler;
  if (has_gap && !(o.replaces_scheduler && nftables_)) ++exposed_changes_;
  service->second.config = as_kept(o.config, o.key.family());
  service->second.owned = true;
  return 0;
}

int FakeKernel::change(const DeleteService& o) { return services_.erase(o.key) == 1 ? 0 : ESRCH; }

int FakeKernel::change(const NewDestination& o) {
  const auto service = services_.find(o.service);
  if (service == services_.end()) return ESRCH;
  if (const int error = check_destination(o.service, o.key, o.config); error != 0) return error;
  auto& destinations = service->second.destinations;
  if (destinations.contains(o.key)) return EEXIST;
  if (o.key.address.family() != o.service.family() && !daemons_.empty()) return EINVAL;
  if (!is_usable(o.key.address)) return EINVAL;
  destinations[o.key] = {o.key, o.config, {}, {}};
  return 0;
}

int FakeKernel::change(const SetDestination& o) {
  const auto service = services_.find(o.service);
  if (service == services_.end()) return ESRCH;
  if (const int error = check_destination(o.service, o.key, o.config); error != 0) return error;
  const auto destination = service->second.destinations.find(o.key);
  if (destination == service->second.destinations.end()) return ENOENT;
  destination->second.config = o.config;
  return 0;
}

int FakeKernel::change(const DeleteDestination& o) {
  const auto service = services_.find(o.service);
  if (service == services_.end()) return ESRCH;
  return service->second.destinations.erase(o.key) == 1 ? 0 : ENOENT;
}

int FakeKernel::change(const AddAddress& o) {
  if (find_link(o.interface) == nullptr) return ENODEV;
  const auto present = find_address(o.address, o.interface);
  if (present == addresses_.end()) {
    addresses_.push_back(
        {o.address, address_bits(o.address.family()), o.interface, true, o.valid_seconds, false});
    return 0;
  }
  const bool nothing_to_do = present->valid_seconds == 0 && o.valid_seconds == 0;
  if (!present->owned || nothing_to_do) return EEXIST;
  present->valid_seconds = o.valid_seconds;
  return 0;
}

int FakeKernel::change(const DeleteAddress& o) {
  if (find_link(o.interface) == nullptr) return ENODEV;
  const auto present = find_address(o.address, o.interface);
  if (present == addresses_.end()) return EADDRNOTAVAIL;
  if (!present->owned) return EPERM;
  addresses_.erase(present);
  return 0;
}

int FakeKernel::change(const SetAcceptLocal& o) {
  if (o.interface == "all" || o.interface == "default") return EINVAL;
  if (find_link(o.interface) == nullptr) return ENOENT;
  accept_local_[o.interface] = o.on ? 1 : 0;
  return 0;
}

int FakeKernel::change(const SetArp& o) {
  if (o.interface == "all" || o.interface == "default") return EINVAL;
  if (find_link(o.interface) == nullptr) return ENOENT;
  set_arp(o.interface, o.ignore, o.announce);
  return 0;
}

int FakeKernel::change(const SetLocalDelivery& o) {
  if (!nftables_) return EOPNOTSUPP;
  local_delivery_ = o.delivery;
  return 0;
}

ObservedLink* FakeKernel::find_link(const std::string& name) {
  const auto link = std::find_if(links_.begin(), links_.end(),
                                 [&](const ObservedLink& l) { return l.name == name; });
  return link == links_.end() ? nullptr : &*link;
}

std::vector<ObservedAddress>::iterator FakeKernel::find_address(const IpAddress& address,
                                                                const std::string& interface) {
  return std::find_if(addresses_.begin(), addresses_.end(), [&](const ObservedAddress& a) {
    return a.address == address && a.interface == interface;
  });
}

}  // namespace lvs::testing
