// How a director's checks go through a VIP to one real server (docs/adr/0014-in-path-checks.md): a
// firewall mark for each such server, a service of IPVS by this mark whose only destination is the
// server, and probes that carry the mark. Pure: what is wanted, and the way there.
//
// The kernel's services say themselves which mark is whose, so nothing is kept on disk for them; of
// accept_local the interfaces that we have changed are.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/health/check.h"
#include "core/observed.h"
#include "core/operation.h"
#include "core/plan.h"
#include "core/report.h"

namespace lvs {

// The topmost byte of a mark says that it is ours. Of the rest kube-proxy (0xc000) and Cilium
// (0x0f00) have bits of their own in the second byte from the end: ours are 0 there.
inline constexpr std::uint32_t kDefaultProbeMarks = 0x4d000000;
inline constexpr std::uint32_t kProbeMarkRange = 0xff000000;
inline constexpr std::size_t kMostProbeMarks = 0x10000;
[[nodiscard]] std::uint32_t probe_mark(std::uint32_t range, std::size_t index);

// Services of these marks are told from others by this flag beside kFlagOwned. The kernel stores it
// and makes nothing of it.
inline constexpr std::uint32_t kFlagProbePath = 0x00400000;
[[nodiscard]] bool is_probe_service(const ServiceKey& key, std::uint32_t flags, bool owned);

// net.ipv4.conf.<interface>.accept_local and conf/all, of which the kernel takes either.
struct ObservedAcceptLocal {
  int own = 0;
  int all = 0;
  friend bool operator==(const ObservedAcceptLocal&, const ObservedAcceptLocal&) = default;
};

struct ObservedPaths {
  std::vector<ObservedService> services;  // ours, with their destinations; sorted by key
  // Marks that somebody else's services have.
  std::set<std::uint32_t> foreign_marks;
  std::map<std::string, ObservedAcceptLocal> accept_local;  // by interface; loopback is none
};

struct DesiredPaths {
  ProbePaths paths;
  // The server's answer has the VIP as its source; where the VIP is on this node, too, the kernel
  // takes it for a martian. IPv6 does not.
  std::map<IpAddress, std::string> ingress;  // of the IPv4 servers
  friend bool operator==(const DesiredPaths&, const DesiredPaths&) = default;
};

struct RealisedPaths {
  DesiredPaths desired;
  std::vector<ProblemReport> problems;
};
// The service has a check that goes this way; one of the plan has.
[[nodiscard]] bool is_in_path(const PlannedServiceHeader& header);
[[nodiscard]] bool wants_paths(const NodePlan& plan);
// One of these has, among those that are in the plan.
[[nodiscard]] bool touches_paths(const NodePlan& plan, const std::set<ServiceKey>& services);
// A server keeps the mark that it has in the kernel; the others get the lowest that is free.
[[nodiscard]] RealisedPaths realise_paths(const NodePlan& plan, const ObservedNetwork& network,
                                          const ObservedPaths& observed, std::uint32_t range);

// Interfaces whose accept_local was 0 before us.
using SavedAcceptLocal = std::set<std::string>;

struct PathChange {
  ChangeSet operations;
  SavedAcceptLocal saved;  // to be stored before the operations are applied
};
[[nodiscard]] PathChange diff_paths(const DesiredPaths& desired, const ObservedPaths& observed,
                                    const SavedAcceptLocal& saved);

// The paths that can be used as the kernel is.
[[nodiscard]] ProbePaths ready_paths(const DesiredPaths& desired, const ObservedPaths& observed);

}  // namespace lvs
