// What the status says about VIPs and real-server addresses, from what was read back. Pure.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/desired.h"
#include "core/election.h"
#include "core/observed.h"
#include "core/plan.h"
#include "core/report.h"

namespace lvs {

struct NetworkFacts {
  const NodePlan& plan;
  const Roles& roles;
  const DesiredNetwork& desired;               // before anything was held back
  const std::vector<ProblemReport>& problems;  // of realising and applying it
  const std::set<IpAddress>& waiting;          // VIPs whose services do not stand yet
  const ObservedNetwork& observed;             // read back
};

[[nodiscard]] std::vector<VipReport> report_vips(const NetworkFacts& facts);
[[nodiscard]] std::vector<BackendReport> report_backends(const NetworkFacts& facts);

// Would an address on lo stay unknown to the neighbours? Always so for IPv6.
[[nodiscard]] bool is_silent_for(const IpAddress& vip, const PlannedBackend& backend,
                                 const ObservedNetwork& observed);

// VIPs that a real server on this node serves and that no neighbour would hear of from lo.
[[nodiscard]] std::set<IpAddress> may_be_on_loopback(const NodePlan& plan,
                                                     const ObservedNetwork& observed);

[[nodiscard]] bool is_on(const IpAddress& address, const std::string& interface,
                         const ObservedNetwork& observed);

}  // namespace lvs
