// Short ways to write services and networks in tests.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/desired.h"
#include "core/observed.h"

namespace lvs::test {

inline IpAddress ip(const std::string& text) { return IpAddress::parse(text).value(); }

inline ServiceKey tcp(const std::string& address, std::uint16_t port) {
  return ServiceKey{ip(address), Protocol::kTcp, port, 0};
}

inline const ServiceKey kWeb = tcp("192.0.2.1", 80);

inline DestinationKey dest(const std::string& address, std::uint16_t port = 80) {
  return DestinationKey{ip(address), port};
}

inline DestinationConfig weight(std::uint32_t value) {
  return DestinationConfig{ForwardingMethod::kDirectRouting, value, 0, 0};
}

inline ServiceConfig scheduled(const std::string& scheduler) {
  return ServiceConfig{scheduler, 0, 0, 0};
}

using Weights = std::vector<std::pair<std::string, std::uint32_t>>;

inline DesiredService desired(const ServiceKey& key, const std::string& scheduler,
                              const Weights& weights) {
  DesiredService service{key, scheduled(scheduler), Duration{60'000}, {}};
  for (const auto& [address, value] : weights) {
    service.destinations.push_back({dest(address, key.port), weight(value)});
  }
  return service;
}

inline ObservedService observed(const ServiceKey& key, const std::string& scheduler,
                                const Weights& weights) {
  ObservedService service{key, scheduled(scheduler), true, {}, {}};
  for (const auto& [address, value] : weights) {
    service.destinations.push_back({dest(address, key.port), weight(value), {}, {}});
  }
  return service;
}

}  // namespace lvs::test
