// Keeps the kernel's resets from clients of a VIP that was just taken over: their connections are
// known to the director that had it, which tells of them within seconds. Who hears nothing sends
// again, and is served then (ADR 10).
//
// Owns the nftables table inet lvs-agent-resets, which stays once it was needed:
//
//   table inet lvs-agent-resets {
//     set ipv4 { type ipv4_addr; timeout 10s; }  each element with a timeout of its own
//     set ipv6 { type ipv6_addr; timeout 10s; }
//     chain resets {
//       type filter hook output priority raw;
//       ip saddr @ipv4 tcp flags & rst == rst drop   (and ip6)
//     }
//   }
//
// Threads: one at a time.
#pragma once

#include <optional>
#include <span>

#include "agent/kernel/netlink_socket.h"
#include "base/clock.h"
#include "base/ip_address.h"

namespace lvs::netlink {

// Transactions that add the VIPs, to the table that is there or to one made anew.
void encode_hold_resets(std::span<const IpAddress> vips, Duration at_most, Batch& batch);
void encode_new_resets_table(std::span<const IpAddress> vips, Duration at_most, Batch& batch);

class Resets {
 public:
  // The table, empty: so that hold_back() is quick.
  Result<void> prepare(Duration at_most);
  // The kernel itself lets them through again after `at_most`. Loads nf_tables if need be.
  Result<void> hold_back(std::span<const IpAddress> vips, Duration at_most);
  // Takes the table off. Nothing to remove is no error.
  Result<void> remove();

 private:
  Answer commit();

  std::optional<Socket> socket_;
  Batch batch_;
};

}  // namespace lvs::netlink
