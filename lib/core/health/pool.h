// What health means for the pool of one service: who gets no new connections because of it, and
// when so many look dead that it is the check which is wrong.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "core/health/health_board.h"
#include "core/plan.h"
#include "core/report.h"

namespace lvs {

struct PoolVerdict {
  std::set<DestinationKey> out;      // unhealthy: no new connections
  bool cut = false;                  // and they leave the table at once
  std::set<DestinationKey> unknown;  // the kernel keeps the weight that it has
  // More than the share that health may take out looks dead: the whole pool is kept.
  bool fail_open = false;

  friend bool operator==(const PoolVerdict&, const PoolVerdict&) = default;
};

// Without a check nobody is out and nobody unknown. The share is of the servers that would get
// connections: those of weight 0 or held back are no part of the pool.
[[nodiscard]] PoolVerdict judge_pool(const PlannedService& planned, const PoolHealth& health);

// The pools of a plan's services that are checked, as a director reports them.
[[nodiscard]] std::map<ServiceKey, PoolHealth> pools_of(
    const NodePlan& plan, const std::vector<UnhealthyServer>& unhealthy);

// What is asked of a destination of the service; nothing: it is not checked, or there is no path yet
// for a check through the VIP.
[[nodiscard]] std::optional<CheckedServer> check_of(const ServiceKey& service,
                                                    const PlannedServiceHeader& header,
                                                    const DestinationKey& destination,
                                                    const ProbePaths& paths);

}  // namespace lvs
