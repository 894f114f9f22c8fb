// A standby that is also a real server: what the holder sends it is delivered, never balanced again.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/ip_address.h"

namespace lvs {

// What another director has balanced already is delivered on this machine. The kernel is told so by
// a service of its own, by this firewall mark, in each family: it is ours alone, and no virtual
// service.
inline constexpr std::uint32_t kDeliveryMark = 0x4c000001;

// Packets to `vips` that come from the hardware of `directors`, or from this machine itself, are
// for the real server on this machine: they are not balanced (again). All sorted.
struct LocalDelivery {
  std::vector<IpAddress> vips;
  std::vector<std::array<std::uint8_t, 6>> directors;
  std::vector<IpAddress> servers;  // the real server's own address, at most one of each family
  // The other directors' addresses, of the same families. Their kernels tell by the mark, too, what
  // they deliver; here such a connection has to find its server.
  std::vector<IpAddress> others{};

  friend bool operator==(const LocalDelivery&, const LocalDelivery&) = default;
};

}  // namespace lvs
