// Sysctls: the ARP settings of interfaces (net.ipv4.conf.<interface>.arp_ignore and .arp_announce)
// and those of IPVS (net.ipv4.vs.*).
//
// ARP only ever per interface: conf/all and conf/default would leak into containers. conf/all is
// read, because the kernel takes the maximum of both. The files belong to the network namespace of
// the calling thread.
#pragma once

#include <string>
#include <vector>

#include "core/observed.h"
#include "core/operation.h"

namespace lvs {

class ArpSysctl {
 public:
  // `root` is the folder net of sysctl: /proc/sys/net, in a pod /host/proc/sys/net.
  explicit ArpSysctl(std::string root) : root_(std::move(root)) {}

  // Those of the links that have the settings and are not loopback; an interface that has gone
  // meanwhile is left out.
  [[nodiscard]] std::vector<ObservedArp> read(const std::vector<ObservedLink>& links) const;
  // 0 or errno.
  [[nodiscard]] int write(const SetArp& operation) const;

 private:
  [[nodiscard]] std::string path(const std::string& interface, const char* setting) const;

  std::string root_;
};

class IpvsSysctl {
 public:
  explicit IpvsSysctl(const std::string& root) : folder_(root + "/ipv4/vs/") {}

  // Those of core/sync.h that are there; none where ip_vs is not loaded.
  [[nodiscard]] IpvsSettings read() const;
  // 0 or errno; EINVAL for any other name.
  [[nodiscard]] int write(const SetIpvsSetting& operation) const;

 private:
  std::string folder_;
};

}  // namespace lvs
