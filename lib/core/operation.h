// One change to the kernel, as data: it can be printed, compared, ordered and replayed.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "core/ipvs.h"
#include "core/local_delivery.h"
#include "core/sync.h"

namespace lvs {

struct NewService {
  ServiceKey key;
  // An empty scheduler makes the service without one ("none"), to be bound by a SetService when its
  // destinations stand: cheap for mh and wrr, and the pool becomes visible at once.
  ServiceConfig config;
  bool operator==(const NewService&) const = default;
};
struct SetService {
  ServiceKey key;
  ServiceConfig config;
  // Takes another scheduler's place. Between the two the kernel has none, for some 20 ms, and would
  // refuse whoever comes: the refusals are kept from the clients, who then try again (ADR 6).
  bool replaces_scheduler = false;
  bool operator==(const SetService&) const = default;
};
struct DeleteService {
  ServiceKey key;
  bool operator==(const DeleteService&) const = default;
};
struct NewDestination {
  ServiceKey service;
  DestinationKey key;
  DestinationConfig config;
  bool operator==(const NewDestination&) const = default;
};
struct SetDestination {
  ServiceKey service;
  DestinationKey key;
  DestinationConfig config;
  bool operator==(const SetDestination&) const = default;
};
struct DeleteDestination {
  ServiceKey service;
  DestinationKey key;
  bool operator==(const DeleteDestination&) const = default;
};

enum class VipScope {
  kUplink,    // the director's VIP, scope global: clients ask for it by ARP
  kLoopback,  // the real server's VIP, scope host on lo: never announced
};

struct AddAddress {
  IpAddress address;  // always /32 or /128, nodad, noprefixroute, marked as ours
  std::string interface;
  VipScope scope = VipScope::kUplink;
  std::uint32_t valid_seconds = 0;  // 0: for ever
  // Another director has served it until now. Connections that are not known here yet would be reset
  // by our kernel: for so long its resets are kept from the clients, who then try again.
  Duration hold_resets{0};
  bool operator==(const AddAddress&) const = default;
};
struct DeleteAddress {
  IpAddress address;
  std::string interface;
  bool operator==(const DeleteAddress&) const = default;
};

// net.ipv4.conf.<interface>.arp_ignore and .arp_announce.
struct SetArp {
  std::string interface;
  int ignore = 1;
  int announce = 2;
  bool operator==(const SetArp&) const = default;
};

// net.ipv4.conf.<interface>.accept_local
struct SetAcceptLocal {
  std::string interface;
  bool on = false;
  bool operator==(const SetAcceptLocal&) const = default;
};

// In place of what there is of it.
struct SetLocalDelivery {
  LocalDelivery delivery;
  bool operator==(const SetLocalDelivery&) const = default;
};

struct StartSyncDaemon {
  SyncDaemon daemon;
  bool operator==(const StartSyncDaemon&) const = default;
};
struct StopSyncDaemon {
  SyncRole role = SyncRole::kMaster;
  bool operator==(const StopSyncDaemon&) const = default;
};

// net.ipv4.vs.<name>
struct SetIpvsSetting {
  std::string name;
  std::string value;
  bool operator==(const SetIpvsSetting&) const = default;
};

using Operation =
    std::variant<NewService, SetService, DeleteService, NewDestination, SetDestination,
                 DeleteDestination, AddAddress, DeleteAddress, SetArp, SetAcceptLocal,
                 SetLocalDelivery, StartSyncDaemon, StopSyncDaemon, SetIpvsSetting>;
using ChangeSet = std::vector<Operation>;

[[nodiscard]] inline bool replaces_scheduler(const Operation& operation) {
  const auto* set = std::get_if<SetService>(&operation);
  return set != nullptr && set->replaces_scheduler;
}

}  // namespace lvs
