// ICMP echo (RFC 792, RFC 4443). Pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/ip_address.h"

namespace lvs {

// The token is the identifier and sequence number, and comes back in the reply. The checksum of
// ICMPv6 is the kernel's.
[[nodiscard]] std::vector<std::uint8_t> encode_echo(Family family, std::uint32_t token);

// What a raw socket has received: with the IP header for IPv4, without for IPv6.
[[nodiscard]] bool is_echo_reply(std::span<const std::uint8_t> bytes, Family family,
                                 std::uint32_t token);

}  // namespace lvs
