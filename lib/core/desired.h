// What this node wants its kernel to hold.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "core/ipvs.h"
#include "core/operation.h"

namespace lvs {

enum class Want : std::uint8_t {
  kConfigured,  // it stands as `config` says
  // It stands, but its weight is not known here (not checked yet, or its node has not reported):
  // the kernel keeps the weight that it has, and a new one starts with 0. Unknown is not down.
  kKeepWeight,
  kUndecided,  // what the kernel has of it stays as it is; where there is none, none is added
  kCut,        // deleted at once, connections and all. (What is not listed is drained first.)
};

struct DesiredDestination {
  DestinationKey key;
  DestinationConfig config;
  Want want = Want::kConfigured;

  bool operator==(const DesiredDestination&) const = default;
};

struct DesiredService {
  ServiceKey key;
  ServiceConfig config;
  // How long a destination that is no longer wanted may keep its connections.
  Duration drain_timeout{60'000};
  // Sorted by key.
  std::vector<DesiredDestination> destinations;
  // What the kernel has of it stays as it is.
  bool paused = false;

  bool operator==(const DesiredService&) const = default;
};

struct DesiredVip {
  IpAddress address;
  std::string interface;
  VipScope scope = VipScope::kUplink;

  bool operator==(const DesiredVip&) const = default;
};

struct DesiredNetwork {
  std::vector<DesiredVip> vips;  // sorted by address
  std::vector<std::string>
      silent_arp;  // interfaces that must not answer for the VIPs on lo; sorted
  LocalDelivery local_delivery;

  bool operator==(const DesiredNetwork&) const = default;
};

struct DesiredSync {
  std::vector<SyncDaemon> daemons;  // sorted
  IpvsSettings settings;

  bool operator==(const DesiredSync&) const = default;
};

}  // namespace lvs
