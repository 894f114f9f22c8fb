// Packet sockets that hear only what machines say about their addresses: ARP, or neighbour
// solicitations and advertisements. The kernel's filter keeps all else away, and the socket is
// bound to one protocol, so that other traffic does not even pass the filter.
#pragma once

#include <cstdint>
#include <string>

#include "base/ip_address.h"

namespace lvs {

// A descriptor that the caller owns; non-blocking. What the machine sends itself is not heard.
// kPermissionDenied: CAP_NET_RAW is missing. kNotFound: there is no such link.
[[nodiscard]] Result<int> open_neighbour_socket(Family family, int link_index,
                                                const std::string& link_name);
// One that only sends.
[[nodiscard]] Result<int> open_sending_socket();

}  // namespace lvs
