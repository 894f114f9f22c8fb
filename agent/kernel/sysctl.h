// Sysctls: the ARP settings of interfaces (net.ipv4.conf.<interface>.arp_ignore and .arp_announce),
// accept_local, and those of IPVS (net.ipv4.vs.*).
//
// Only ever per interface: conf/all and conf/default would leak into containers. conf/all is
// read, because the kernel takes both into account. The files belong to the network namespace of
// the calling thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/observed.h"
#include "core/operation.h"
#include "core/probe_path.h"

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

class AcceptLocalSysctl {
 public:
  explicit AcceptLocalSysctl(std::string root) : root_(std::move(root)) {}

  [[nodiscard]] std::map<std::string, ObservedAcceptLocal> read(
      const std::vector<ObservedLink>& links) const;
  // 0 or errno.
  [[nodiscard]] int write(const SetAcceptLocal& operation) const;

 private:
  [[nodiscard]] std::string path(const std::string& interface) const {
    return root_ + "/ipv4/conf/" + interface + "/accept_local";
  }

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
