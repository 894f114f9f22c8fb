// What a test puts into the fake kernel, and how it makes it fail.
#include <algorithm>

#include "core/format.h"
#include "tests/support/fake_kernel.h"

namespace lvs::testing {

void FakeKernel::put_foreign_service(const ServiceKey& key, const ServiceConfig& config,
                                     const std::vector<ObservedDestination>& destinations) {
  Service service{config, false, {}};
  for (const auto& destination : destinations) {
    service.destinations.insert({destination.key, destination});
  }
  services_[key] = std::move(service);
}

void FakeKernel::set_connections(const ServiceKey& service, const DestinationKey& key,
                                 const ConnectionCounts& connections,
                                 const TrafficCounters& traffic) {
  auto& destination = services_.at(service).destinations.at(key);
  destination.connections = connections;
  destination.traffic = traffic;
}

void FakeKernel::add_link(const std::string& name) {
  ObservedLink link;
  link.name = name;
  link.index = next_link_index_++;
  link.up = link.carrier = true;
  link.hardware_address = {0x02, 0, 0, 0, 0, static_cast<std::uint8_t>(link.index)};
  links_.push_back(link);
  arp_[name] = {name, 0, 0, 0, 0};
}

void FakeKernel::set_link_state(const std::string& name, bool up, bool carrier) {
  auto* link = find_link(name);
  if (link == nullptr) return;
  link->up = up;
  link->carrier = carrier;
}

void FakeKernel::remove_link(const std::string& name) {
  std::erase_if(links_, [&](const ObservedLink& link) { return link.name == name; });
  std::erase_if(addresses_, [&](const ObservedAddress& a) { return a.interface == name; });
  arp_.erase(name);
}

void FakeKernel::put_foreign_address(const IpAddress& address, int prefix_length,
                                     const std::string& interface) {
  addresses_.push_back({address, prefix_length, interface, false, 0, false});
}

void FakeKernel::remove_address(const IpAddress& address, const std::string& interface) {
  const auto present = find_address(address, interface);
  if (present != addresses_.end()) addresses_.erase(present);
}

void FakeKernel::set_arp(const std::string& interface, int ignore, int announce) {
  arp_[interface] = {interface, ignore, announce, 0, 0};
}

void FakeKernel::set_all_arp(int ignore, int announce) {
  all_ignore_ = ignore;
  all_announce_ = announce;
}

void FakeKernel::forget_scheduler(const std::string& name) { missing_schedulers_.insert(name); }

void FakeKernel::fail_operation(std::size_t n, int error_number) {
  scripted_errors_[operation_count_ + n] = error_number;
}

void FakeKernel::forget_history() {
  operations_.clear();
  apply_calls_ = service_dumps_ = destination_dumps_ = network_dumps_ = 0;
}

std::string FakeKernel::table() const {
  std::vector<ObservedService> services;
  for (const auto& [key, service] : services_) {
    ObservedService observed{key, service.config, service.owned, {}, {}};
    for (const auto& [ignored, destination] : service.destinations) {
      observed.destinations.push_back(destination);
    }
    services.push_back(std::move(observed));
  }
  return format_table(services);
}

}  // namespace lvs::testing
