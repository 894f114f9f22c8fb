// How large what goes over the wire may be, as JSON. Who sends looks before he sends, who receives
// before he parses.
#pragma once

#include <cstddef>

namespace lvs {

// A plan, sent or stored, and so what a patch may make of one: some 1,000,000 destinations. Also a
// patch and a NodeStatus, which are far smaller.
inline constexpr std::size_t kMaxPlanBytes = std::size_t{32} << 20U;
// A NodeState: what the kernel holds besides the plan, with counters.
inline constexpr std::size_t kMaxStateBytes = std::size_t{256} << 20U;

}  // namespace lvs
