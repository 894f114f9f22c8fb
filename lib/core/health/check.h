// What is asked of a real server, and what comes back.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "api/resources.h"
#include "base/clock.h"
#include "base/ip_address.h"

namespace lvs {

// One check of one machine. Services that ask the same of it share it: it is run once.
struct CheckedServer {
  IpAddress address;
  std::uint16_t port = 0;
  HealthCheckSpec check;

  friend auto operator<=>(const CheckedServer&, const CheckedServer&) = default;
};

struct ProbeResult {
  bool healthy = false;
  // Why not, for people: "connection refused", "HTTP status 500, expected 200-299".
  std::string why;
  Duration took{0};

  friend bool operator==(const ProbeResult&, const ProbeResult&) = default;
};

enum class HealthState : std::uint8_t {
  kUnknown,  // not checked often enough yet. Unknown is not down
  kHealthy,
  kUnhealthy,
};

}  // namespace lvs
