#include "core/election.h"

namespace lvs {

Roles roles_by_order(const NodePlan& plan) {
  Roles roles;
  for (const auto& [address, vip] : plan.vips) {
    const bool first = !vip.candidates.empty() && vip.candidates.front() == plan.node;
    roles[address].role = first ? Role::kHolder : Role::kStandby;
  }
  return roles;
}

}  // namespace lvs
