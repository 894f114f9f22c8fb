// Keeps the kernel's refusals from clients while a service has no scheduler: between two schedulers
// the kernel answers whoever comes by ICMP port unreachable (ip_vs_leave); who hears nothing tries
// again. What the kernel can schedule, and every established connection, goes on untouched.
//
// Owns the nftables table inet lvs-agent, which is there only meanwhile. Threads: one at a time.
#pragma once

#include <optional>
#include <span>

#include "agent/kernel/netlink_socket.h"
#include "base/clock.h"
#include "core/ipvs.h"

namespace lvs::netlink {

class Refusals {
 public:
  // From here until unmute(), or for `at_most` should that never come. Loads nf_tables if need be.
  // kUnsupported: this kernel has none.
  Result<void> mute(std::span<const ServiceKey> services, Duration at_most);
  // Also what an agent left behind that was killed in between. Nothing to remove is no error.
  Result<void> unmute();

 private:
  Result<void> commit();

  std::optional<Socket> socket_;
  Batch batch_;
};

}  // namespace lvs::netlink
