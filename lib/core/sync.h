// Connections known to every director: the kernel's sync daemons tell each other by multicast which
// connection goes to which real server (net/netfilter/ipvs/ip_vs_sync.c, kernel 6.1).
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>

#include "base/ip_address.h"

namespace lvs {

enum class SyncRole : std::uint8_t { kMaster = 1, kBackup = 2 };  // tells; listens
[[nodiscard]] std::string to_string(SyncRole role);               // as ipvsadm calls them

struct SyncDaemon {
  SyncRole role = SyncRole::kMaster;
  std::string interface;
  std::uint32_t id = 0;  // 1..255; a backup with 0 would listen to everybody
  IpAddress group;
  std::uint16_t port = 0;

  friend auto operator<=>(const SyncDaemon&, const SyncDaemon&) = default;
};

// net.ipv4.vs.*: name to value, as sysctl prints it with single spaces: {"sync_threshold", "1 0"}.
using IpvsSettings = std::map<std::string, std::string>;

// The names of those that may be ours to set.
inline constexpr const char* kSyncThreshold = "sync_threshold";
inline constexpr const char* kSyncRefreshPeriod = "sync_refresh_period";
inline constexpr const char* kSyncRetries = "sync_retries";
inline constexpr const char* kSyncPorts = "sync_ports";
inline constexpr const char* kBackupOnly = "backup_only";
inline constexpr const char* kSloppyTcp = "sloppy_tcp";
inline constexpr const char* kExpireNodestConn = "expire_nodest_conn";
inline constexpr const char* kExpireQuiescentTemplate = "expire_quiescent_template";

// The same on all directors of a segment.
struct SyncOptions {
  bool on = true;
  std::string interface;  // empty: that of the VIPs
  std::uint32_t id = 76;
  IpAddress group{Family::kV4, {224, 0, 0, 81}};
  std::uint16_t port = 8848;
  int ports = 4;  // one thread each, from `port` on; a power of two, at most 64
};

}  // namespace lvs
