// IPVS operations as generic netlink requests and dump messages as values. Pure: bytes in, bytes
// out, whatever the bytes are (fuzzed). The ABI is include/uapi/linux/ip_vs.h, unchanged since 4.1
// (64-bit statistics); the kernel's own parser is ip_vs_genl_parse_service/_dest in ip_vs_ctl.c.
#pragma once

#include <cstdint>
#include <optional>

#include "agent/kernel/netlink_message.h"
#include "base/result.h"
#include "core/observed.h"
#include "core/operation.h"

namespace lvs::netlink {

inline constexpr const char* kIpvsFamilyName = "IPVS";

// Appends the request for an IPVS operation; false (and nothing appended) for any other kind.
// Every NEW_SERVICE and SET_SERVICE carries kFlagOwned: a service that we touch is ours.
bool encode_ipvs(const Operation& operation, std::uint16_t family_id, Batch& batch);

void encode_dump_services(std::uint16_t family_id, Batch& batch);
void encode_dump_destinations(const ServiceKey& service, std::uint16_t family_id, Batch& batch);
void encode_dump_daemons(std::uint16_t family_id, Batch& batch);

// `payload` is a message of a dump, behind the netlink header.
// - Nothing: a service of a protocol or family that this project has no name for; so not ours.
// - The persistent flag, time and prefix are given only when the service is persistent.
[[nodiscard]] Result<std::optional<ObservedService>> decode_service(Bytes payload);
// kUnsupported: a forwarding method that ipvsadm cannot make either (local node, bypass).
[[nodiscard]] Result<ObservedDestination> decode_destination(Bytes payload, Family service_family);

[[nodiscard]] Result<SyncDaemon> decode_daemon(Bytes payload);

}  // namespace lvs::netlink
