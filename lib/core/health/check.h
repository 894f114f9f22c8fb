// What is asked of a real server, and what comes back.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "api/resources.h"
#include "base/clock.h"
#include "base/ip_address.h"

namespace lvs {

// How probes go through a VIP to one server: the server's firewall mark, and the director's own
// address on the server's segment, because a VIP on this node would be their source otherwise.
struct ProbePath {
  std::uint32_t mark = 0;
  IpAddress source;

  friend auto operator<=>(const ProbePath&, const ProbePath&) = default;
};
using ProbePaths = std::map<IpAddress, ProbePath>;  // by the server's address

struct InPathRoute {
  IpAddress vip;
  ProbePath path;

  friend auto operator<=>(const InPathRoute&, const InPathRoute&) = default;
};

// One check of one machine. Services that ask the same of it share it: it is run once.
struct CheckedServer {
  IpAddress address;
  std::uint16_t port = 0;
  HealthCheckSpec check;
  std::optional<InPathRoute> route = std::nullopt;  // nothing: to its own address

  friend auto operator<=>(const CheckedServer&, const CheckedServer&) = default;
};

// What kind of failure, where that says something of the VIP.
enum class ProbeFailure : std::uint8_t {
  kOther,
  kSilent,   // nobody there has answered at all
  kRefused,  // a machine that says that nobody listens
};

// Whom the probe of a check is addressed to: the VIP, or the server.
[[nodiscard]] inline const IpAddress& asked_address(const CheckedServer& server) {
  return server.route ? server.route->vip : server.address;
}

struct ProbeResult {
  bool healthy = false;
  // Why not, for people: "connection refused", "HTTP status 500, expected 200-299".
  std::string why;
  Duration took{0};
  ProbeFailure failure = ProbeFailure::kOther;

  friend bool operator==(const ProbeResult&, const ProbeResult&) = default;
};

enum class HealthState : std::uint8_t {
  kUnknown,  // not checked often enough yet. Unknown is not down
  kHealthy,
  kUnhealthy,
};

}  // namespace lvs
