// The one nftables table of ours as netlink requests. Pure: values in, bytes out. For the moment in
// which services have no scheduler it drops the kernel's own ICMP port unreachable about them
// (ADR 6):
//
//   table inet lvs-agent {
//     set ipv4 { typeof ip daddr . meta l4proto . th dport; timeout 2s; elements = {...} }
//     set ipv6 { ... }
//     chain refusals { type filter hook output priority raw; ... @ipv4 drop; ... @ipv6 drop; }
//   }
//
// The ABI is include/uapi/linux/netfilter/nf_tables.h (kernel 4.14 and later: inet, timeouts).
#pragma once

#include <cstdint>
#include <span>

#include "agent/kernel/netlink_message.h"
#include "base/clock.h"
#include "core/ipvs.h"

namespace lvs::netlink {

inline constexpr const char* kRefusalsTable = "lvs-agent";

// A transaction that replaces the table by one for these services (those by firewall mark are left
// out: a refusal does not name the mark). The kernel lets go of each after `at_most`.
void encode_mute(std::span<const ServiceKey> services, Duration at_most, Batch& batch);
// A transaction that removes the table; ENOENT when there is none.
void encode_unmute(Batch& batch);

}  // namespace lvs::netlink
