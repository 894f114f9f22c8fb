// The nftables table that keeps packets from being balanced twice (core/local_delivery.h), as
// netlink requests and back. Pure: values in, bytes out, whatever the bytes are.
//
//   table inet lvs-agent-local {
//     set directors { type ether_addr; }
//     set ipv4 { type ipv4_addr; }
//     set ipv6 { type ipv6_addr; }
//     chain arriving {
//       type filter hook prerouting priority mangle;
//       ether saddr @directors ip daddr @ipv4 meta mark set 0x4c000001   (and ip6)
//     }
//     chain own {
//       type filter hook output priority mangle;
//       ip daddr @ipv4 meta mark set 0x4c000001   (and ip6)
//     }
//   }
#pragma once

#include <vector>

#include "agent/kernel/netlink_message.h"
#include "base/result.h"
#include "core/local_delivery.h"

namespace lvs::netlink {

// A transaction that puts it in the place of what there is; without VIPs there is no table then,
// and ENOENT when there was none.
void encode_local_delivery(const LocalDelivery& delivery, Batch& batch);

enum class DeliverySet { kDirectors, kIpv4, kIpv6 };
void encode_dump_set(DeliverySet set, Batch& batch);
// Adds what a message of that dump lists. kCorrupt: it lists something else.
Result<void> decode_elements(DeliverySet set, Bytes payload, LocalDelivery& delivery);

}  // namespace lvs::netlink
