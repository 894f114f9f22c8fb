// The kernel's IPVS table through generic netlink.
//
// Threads: one at a time, all of one network namespace. Module: a read never loads ip_vs (a kernel
// without it has no services); the first write does. Lost answers: the socket is opened anew.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "agent/kernel/kernel.h"
#include "agent/kernel/netlink_socket.h"

namespace lvs::netlink {

class Ipvs {
 public:
  // With `modprobe_allowed` a missing ip_vs is looked for by modprobe, beside the kernel's own
  // autoload.
  explicit Ipvs(bool modprobe_allowed) : modprobe_allowed_(modprobe_allowed) {}

  // Opens the family, loading the module if need be.
  Result<void> load();

  // Begins a look at the table: whether there is IPVS at all is asked here and not for each
  // service, where it would cost an eighth of the look.
  Result<std::vector<ObservedService>> dump_services();
  // Of firewall marks, but for kDeliveryMark; whosever they are. Sorted by key.
  Result<std::vector<ObservedService>> dump_mark_services();
  Result<std::vector<ObservedDestination>> dump_destinations(const ServiceKey& service);
  Result<std::vector<SyncDaemon>> dump_daemons();  // sorted

  // IPVS operations only. Failures carry `base` + the operation's place.
  void apply(std::span<const Operation> operations, std::size_t base, ApplyReport& report);

 private:
  Result<void> open();
  void notice_unloaded_module();
  Result<std::vector<ObservedService>> dump_services_if(bool (*wanted)(const ObservedService&));
  // Runs `request` as a dump; false when there is no IPVS in this kernel.
  Result<bool> dump(const std::function<void(std::uint16_t, Batch&)>& encode,
                    const Socket::OnMessage& on_message);
  // Sends the first operations that fit into one batch; how many these were.
  std::size_t send_some(std::span<const Operation> operations, std::size_t base,
                        ApplyReport& report);

  bool modprobe_allowed_;
  std::optional<Socket> socket_;
  std::uint16_t family_id_ = 0;
  Batch batch_;
};

}  // namespace lvs::netlink
