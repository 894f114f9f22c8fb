// Makes the kernel deliver on this machine what another director has balanced already
// (core/local_delivery.h): an nftables table marks such packets, and by the mark IPVS has a service
// whose only real server is this machine.
//
// Owns the table inet lvs-agent-local and the services of kDeliveryMark. Threads: one at a time.
#pragma once

#include <optional>

#include "agent/kernel/netlink_ipvs.h"
#include "agent/kernel/netlink_socket.h"
#include "core/operation.h"

namespace lvs::netlink {

class LocalDeliveryTable {
 public:
  // Nothing in it where nf_tables is not loaded; reading never loads it.
  Result<LocalDelivery> read(Ipvs& ipvs);
  // Loads nf_tables if need be. EOPNOTSUPP: this kernel has none.
  void apply(const SetLocalDelivery& operation, std::size_t index, Ipvs& ipvs, ApplyReport& report);

 private:
  Result<void> connect();
  // False: there is no such table.
  Result<bool> read_sets(LocalDelivery& delivery);
  Answer mark_packets(const LocalDelivery& wanted);

  std::optional<Socket> socket_;
  Batch batch_;
  bool was_set_ = false;
};

}  // namespace lvs::netlink
