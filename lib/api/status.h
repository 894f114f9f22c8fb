// What the operator reports about the resources. Values; comparing them decides whether to write.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/terms.h"
#include "base/ip_address.h"

namespace lvs {

// metav1.Condition. `last_transition` is RFC 3339 and moves only when `status` does.
struct Condition {
  std::string type;     // Accepted, Programmed, Ready, Prepared
  std::string status;   // True, False, Unknown
  std::string reason;   // CamelCase, for machines
  std::string message;  // for people: what is so, and what to do
  std::int64_t observed_generation = 0;
  std::string last_transition;

  bool operator==(const Condition&) const = default;
};

struct VipStatus {
  IpAddress address;
  std::string holder;  // node name, empty: nobody
  std::uint64_t term = 0;
  std::string since;  // RFC 3339
  std::string previous_holder;
  std::string reason;

  bool operator==(const VipStatus&) const = default;
};

struct RealServerCounts {
  int total = 0;
  int ready = 0;
  int draining = 0;
  int down = 0;

  bool operator==(const RealServerCounts&) const = default;
};

struct VirtualServiceStatus {
  std::int64_t observed_generation = 0;
  std::vector<Condition> conditions;
  std::vector<VipStatus> vips;
  RealServerCounts real_servers;
  // Ready-made texts for the printer columns, which cannot join lists themselves.
  std::string vips_text;    // "192.168.100.100,fd00:100::100"
  std::string ports_text;   // "80/TCP,443/TCP"
  std::string holder_text;  // "director-1", or one per VIP where they differ
  std::string ready_text;   // "2/3"

  bool operator==(const VirtualServiceStatus&) const = default;
};

// The connections of a server that is drained.
struct ConnectionsLeft {
  std::uint64_t active = 0;
  std::uint64_t inactive = 0;

  bool operator==(const ConnectionsLeft&) const = default;
};

// Connections are counted for drained servers only: the others' change all the time, and each change
// would be a write to the API server. lvsctl status asks the kernels.
struct ServedService {
  std::string virtual_service;
  std::uint16_t port = 0;
  Protocol protocol = Protocol::kTcp;
  std::string state;   // Serving, Preparing, Draining, Quiesced, NotAccepted
  std::string health;  // Healthy, Unhealthy, Unknown
  std::uint32_t weight = 0;
  std::optional<ConnectionsLeft> left{};  // while it is drained

  bool operator==(const ServedService&) const = default;
};

struct RealServerStatus {
  std::int64_t observed_generation = 0;
  std::vector<Condition> conditions;
  std::vector<ServedService> services;
  std::string address_text;
  std::string state_text;                 // the worst of the services' states
  std::string services_text;              // "web:80,web:443"
  std::optional<std::uint64_t> active{};  // connections left while it is drained

  bool operator==(const RealServerStatus&) const = default;
};

}  // namespace lvs
