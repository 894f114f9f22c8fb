// What was read from the kernel. Never mixed up with what is wanted (core/desired.h): the types
// differ on purpose.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/ipvs.h"
#include "core/local_delivery.h"
#include "core/sync.h"

namespace lvs {

struct ObservedDestination {
  DestinationKey key;
  DestinationConfig config;
  ConnectionCounts connections;
  TrafficCounters traffic;
};

struct ObservedService {
  ServiceKey key;
  ServiceConfig config;
  // The service carries our ownership flag (kFlagOwned below).
  bool owned = false;
  TrafficCounters traffic;
  // Sorted by key.
  std::vector<ObservedDestination> destinations;
};

// A bit of the service's flags that means nothing to the kernel, which stores and reports it. It
// marks a service as ours for as long as the service lives, so nothing on disk is needed to know.
inline constexpr std::uint32_t kFlagOwned = 0x4c000000;  // 'L' in the top byte

struct ObservedAddress {
  IpAddress address;
  int prefix_length = 0;
  std::string interface;
  // It carries our mark: IFA_PROTO kAddressProtocol, or on kernels before 5.18 our IPv4 label or
  // IPv6 metric.
  bool owned = false;
  // Seconds that the kernel will still keep it; 0: for ever.
  std::uint32_t valid_seconds = 0;
  bool duplicate_detected = false;  // IFA_F_DADFAILED

  friend bool operator==(const ObservedAddress&, const ObservedAddress&) = default;
};

// IFA_PROTO of addresses that are ours; 0..3 are the kernel's own.
inline constexpr std::uint8_t kAddressProtocol = 0x4c;
// The IPv4 label of addresses that are ours is "<interface>:lvs", cut to IFNAMSIZ - 1 bytes.
inline constexpr const char* kAddressLabelSuffix = ":lvs";

struct ObservedLink {
  std::string name;
  int index = 0;
  bool up = false;       // administratively
  bool carrier = false;  // IFF_LOWER_UP
  bool loopback = false;
  bool noarp = false;  // dummy, tunnels: nothing to announce on
  std::array<std::uint8_t, 6> hardware_address{};

  friend bool operator==(const ObservedLink&, const ObservedLink&) = default;
};

// The two settings of one interface that keep a real server silent about the VIP, and the value of
// conf/all, because the kernel takes the maximum of both (Documentation/networking/ip-sysctl.rst).
struct ObservedArp {
  std::string interface;
  int ignore = 0;
  int announce = 0;
  int all_ignore = 0;
  int all_announce = 0;

  friend bool operator==(const ObservedArp&, const ObservedArp&) = default;
};

struct ObservedNetwork {
  std::vector<ObservedLink> links;
  std::vector<ObservedAddress> addresses;
  std::vector<ObservedArp> arp;  // one per link that is not loopback
  LocalDelivery local_delivery;
};

struct ObservedSync {
  std::vector<SyncDaemon> daemons;  // sorted; at most one of each role
  // Those of core/sync.h that this kernel has; none where ip_vs is not loaded.
  IpvsSettings settings;

  friend bool operator==(const ObservedSync&, const ObservedSync&) = default;
};

// Null: there is no such link.
[[nodiscard]] const ObservedLink* find_link(const ObservedNetwork& network,
                                            const std::string& name);
[[nodiscard]] bool is_loopback(const ObservedNetwork& network, const std::string& link);

}  // namespace lvs
