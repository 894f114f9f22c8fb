// Who may have which port of which VIP, when several VirtualServices want it. Pure; internal to the
// planner.
#pragma once

#include <vector>

#include "core/diagnostic.h"

namespace lvs::planning {

struct ClaimVerdict {
  bool granted = true;
  // Errors of an object that is refused; warnings of one whose port another wants too.
  Diagnostics diagnostics;

  bool operator==(const ClaimVerdict&) const = default;
};

// `services`: the oldest first, with all others that share a VIP with any of them. An object that
// is refused for one VIP or port has none of its others either, so that they are free for the next.
[[nodiscard]] std::vector<ClaimVerdict> resolve_claims(
    const std::vector<const VirtualService*>& services);

// True when the two claim alike, whatever else differs.
[[nodiscard]] bool same_claims(const VirtualService& a, const VirtualService& b);

}  // namespace lvs::planning
