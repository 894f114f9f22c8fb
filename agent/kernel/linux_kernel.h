// The Kernel of the machine this runs on: IPVS by generic netlink, addresses by rtnetlink, ARP
// settings by sysctl; nftables while a scheduler changes.
//
// Threads: one caller at a time, in the network namespace of the first call.
// Errnos beyond those of kernel.h: ENODEV (no such interface), EADDRNOTAVAIL (deleting an address
// that is not there), EPERM (deleting a foreign address), EOPNOTSUPP (no ip_vs in this kernel).
#pragma once

#include <string>

#include "agent/kernel/connection_teller.h"
#include "agent/kernel/kernel.h"
#include "agent/kernel/netlink_ipvs.h"
#include "agent/kernel/netlink_local_delivery.h"
#include "agent/kernel/netlink_refusals.h"
#include "agent/kernel/netlink_resets.h"
#include "agent/kernel/netlink_route.h"
#include "agent/kernel/sysctl.h"

namespace lvs {

struct LinuxKernelOptions {
  // In a pod the host's, mounted: /host/proc/sys/net.
  std::string sysctl_root = "/proc/sys/net";
  // Run modprobe when ip_vs is missing.
  bool modprobe_allowed = true;
};

class LinuxKernel final : public Kernel {
 public:
  explicit LinuxKernel(const LinuxKernelOptions& options = {})
      : ipvs_(options.modprobe_allowed),
        arp_(options.sysctl_root),
        accept_local_(options.sysctl_root),
        ipvs_sysctl_(options.sysctl_root) {}

  // Makes sure that IPVS is there, loading ip_vs if need be. Not needed on a node that is no
  // director; apply() does it by itself.
  Result<void> load_ipvs() { return ipvs_.load(); }

  // Removes what an earlier agent may have left that was killed while it changed a scheduler.
  // Its entries have ended by themselves; without it the kernel only answers that it is not there.
  Result<void> remove_leftovers();
  // That, and the table of resets that stays from one move to the next; at uninstall.
  Result<void> remove_tables();

  // No services where ip_vs is not loaded; reading never loads it.
  Result<std::vector<ObservedService>> dump_services() override;
  Result<std::vector<ObservedDestination>> dump_destinations(const ServiceKey& service) override;
  Result<ObservedNetwork> dump_network() override;
  Result<ObservedPaths> dump_paths() override;
  Result<std::set<IpAddress>> off_link(const std::set<IpAddress>& addresses) override;
  Result<ObservedSync> dump_sync() override;
  ApplyReport apply(std::span<const Operation> operations) override;
  void tell_connections(const std::set<IpAddress>& vips, const SyncDaemon& master) override {
    teller_.tell(vips, master);
  }

 private:
  // Also keeps the refusals back of services that get another scheduler.
  void change_ipvs(std::span<const Operation> operations, std::size_t base, ApplyReport& report);
  void get_ready_to_take_over(std::span<const Operation> operations);
  // Also keeps the resets back of connections that are not known here yet.
  void change_addresses(std::span<const Operation> operations, std::size_t base,
                        ApplyReport& report);
  void set_local_delivery(std::span<const Operation> operations, std::size_t base,
                          ApplyReport& report);
  [[nodiscard]] int write_sysctl(const Operation& operation) const;
  void set_sysctls(std::span<const Operation> operations, std::size_t base,
                   ApplyReport& report) const;

  netlink::Ipvs ipvs_;
  netlink::Refusals refusals_;
  netlink::Resets resets_;
  netlink::LocalDeliveryTable local_delivery_;
  netlink::Route route_;
  ArpSysctl arp_;
  AcceptLocalSysctl accept_local_;
  IpvsSysctl ipvs_sysctl_;
  ConnectionTeller teller_;
};

}  // namespace lvs
