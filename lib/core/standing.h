// Whether a destination gets new connections, and if not, why: the kernel's weight explained by the
// plan and by what is known of the server.
#pragma once

#include <cstdint>

#include "core/realise.h"

namespace lvs {

enum class Standing : std::uint8_t {
  kServing,
  kDown,        // unhealthy
  kForcedDown,  // a person says that it is down
  kDraining,    // by wish
  kQuiesced,    // its own weight is 0
  kPreparing,   // its node has not prepared it
  kNotOnLink,
  kUnknown,  // new, and nobody has judged it yet
  kChanged,  // the kernel differs from the plan, and will be put right
  kLeaving,  // not in the plan any more
  kMissing,  // not in the kernel
  kSorry,    // the sorry server, while it serves
};
inline constexpr std::size_t kStandings = 12;
[[nodiscard]] const char* to_string(Standing standing);  // "Serving", "NotOnLink", ...

// Of a destination that both the plan and the kernel have.
[[nodiscard]] Standing standing_of(const PlannedDestination& planned, std::uint32_t kernel_weight,
                                   const OffLinkServers& off_link, const PoolVerdict& health);

// Of a destination that only the plan has.
[[nodiscard]] Standing standing_of(const PlannedDestination& planned, const PoolVerdict& health);

// Of a destination that only the kernel has.
[[nodiscard]] Standing standing_of(const PlannedServiceHeader& planned,
                                   const ObservedDestination& observed);

}  // namespace lvs
