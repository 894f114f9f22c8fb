// TCP connections that the kernel's sync daemon has not told of, or may not have: those that are
// half open, of which it never tells, and those of the last seconds, which wait in its buffers
// (ip_vs_sync_conn_needed() and IPVS_SYNC_FLUSH_TIME in net/netfilter/ipvs/ip_vs_sync.c, kernel
// 6.1). And the message by which another kernel's backup daemon takes them in. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/ip_address.h"

namespace lvs {

struct BalancedConnection {
  IpAddress client;
  IpAddress vip;
  IpAddress server;
  std::uint16_t client_port = 0;
  std::uint16_t vip_port = 0;
  std::uint16_t server_port = 0;
  bool half_open = false;
  std::uint32_t seconds_left = 0;  // until the kernel forgets it

  friend bool operator==(const BalancedConnection&, const BalancedConnection&) = default;
};

// A line of /proc/net/ip_vs_conn_sync. Nothing: it is no TCP connection that began here and is half
// open or established.
[[nodiscard]] std::optional<BalancedConnection> read_connection(std::string_view line);

// The half open ones, and those established ones that had a packet within kYoungFor before the
// latest one of all: each packet sets the time that is left anew.
class YoungConnections {
 public:
  static constexpr std::uint32_t kYoungFor = 4;  // seconds

  void add(const BalancedConnection& connection);
  [[nodiscard]] std::vector<BalancedConnection> take();

 private:
  void forget_old();

  std::vector<BalancedConnection> kept_;
  std::size_t look_at_ = 1024;
  std::uint32_t longest_ = 0;
};

// Datagrams of the kernel's protocol, version 1 (ip_vs_sync_mesg), each below an Ethernet frame.
using SyncDatagram = std::vector<std::uint8_t>;
[[nodiscard]] std::vector<SyncDatagram> sync_datagrams(
    std::span<const BalancedConnection> connections, std::uint8_t sync_id);

}  // namespace lvs
