// The kernel's view of load balancing as values: identity, configuration and statistics are three
// different structs, so that comparing configurations never compares counters.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "api/terms.h"
#include "base/ip_address.h"

namespace lvs {

// Which kernel virtual service. Either an address, protocol and port, or a firewall mark (never 0)
// of one family; the other fields are then zero (the kernel ignores them).
struct ServiceKey {
  IpAddress address;
  Protocol protocol = Protocol::kTcp;
  std::uint16_t port = 0;
  std::uint32_t firewall_mark = 0;

  friend auto operator<=>(const ServiceKey&, const ServiceKey&) = default;
  [[nodiscard]] Family family() const { return address.family(); }
};
[[nodiscard]] std::string to_string(const ServiceKey& key);  // "TCP 192.0.2.1:80", "FWM 7 IPv4"

struct DestinationKey {
  IpAddress address;
  std::uint16_t port = 0;

  friend auto operator<=>(const DestinationKey&, const DestinationKey&) = default;
};
[[nodiscard]] std::string to_string(
    const DestinationKey& key);  // "192.0.2.7:80", "[2001:db8::7]:80"

struct ServiceConfig {
  std::string scheduler;                  // empty: none is bound, clients are refused
  std::uint32_t flags = 0;                // kFlag* of api/terms.h, without kFlagHashed
  std::uint32_t persistence_seconds = 0;  // 0: not persistent (and no kFlagPersistent)
  int persistence_prefix = 0;             // 1..32 or 1..128; the family's full length: each address

  friend bool operator==(const ServiceConfig&, const ServiceConfig&) = default;
};

struct DestinationConfig {
  ForwardingMethod forwarding = ForwardingMethod::kDirectRouting;
  std::uint32_t weight = 1;
  std::uint32_t upper_threshold = 0;  // connections, 0: no limit
  std::uint32_t lower_threshold = 0;

  friend bool operator==(const DestinationConfig&, const DestinationConfig&) = default;
};

// Kernel statistics since the object was made; 64 bits (kernel 4.1 and later).
struct TrafficCounters {
  std::uint64_t connections = 0;
  std::uint64_t packets_in = 0;
  std::uint64_t packets_out = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;

  friend bool operator==(const TrafficCounters&, const TrafficCounters&) = default;
};

struct ConnectionCounts {
  std::uint32_t active = 0;
  std::uint32_t inactive = 0;
  std::uint32_t persistent = 0;

  friend bool operator==(const ConnectionCounts&, const ConnectionCounts&) = default;
};

}  // namespace lvs
