// Who holds a VIP. Whatever decides (core/election/election.h among directors, the plan's order in
// a rendering), the rest of the agent sees only Roles.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/clock.h"
#include "core/plan.h"

namespace lvs {

enum class Role { kStandby, kHolder };

struct VipRole {
  Role role = Role::kStandby;
  std::uint64_t term = 0;
  // Of a holder: later than this nobody may put the address on or refresh it, for somebody else may
  // have been elected since.
  TimePoint hold_until = TimePoint::max();

  bool operator==(const VipRole&) const = default;
};
using Roles = std::map<IpAddress, VipRole>;

[[nodiscard]] Roles roles_by_order(const NodePlan& plan);

}  // namespace lvs
