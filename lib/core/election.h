// Who holds a VIP. Until directors elect by heartbeats and Leases, the first candidate in the
// plan's order holds it; whatever decides, the rest of the agent sees only Roles.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/plan.h"

namespace lvs {

enum class Role { kStandby, kHolder };

struct VipRole {
  Role role = Role::kStandby;
  std::uint64_t term = 0;

  bool operator==(const VipRole&) const = default;
};
using Roles = std::map<IpAddress, VipRole>;

[[nodiscard]] Roles roles_by_order(const NodePlan& plan);

}  // namespace lvs
