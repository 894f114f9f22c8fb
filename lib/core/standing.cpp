#include "core/standing.h"

#include <array>

namespace lvs {

Standing standing_of(const PlannedDestination& planned, std::uint32_t kernel_weight,
                     const OffLinkServers& off_link, const PoolVerdict& health) {
  if (kernel_weight > 0) return Standing::kServing;
  if (planned.admission == Admission::kForceDown) return Standing::kForcedDown;
  if (planned.admission == Admission::kDrain) return Standing::kDraining;
  if (planned.config.weight == 0) return Standing::kQuiesced;
  if (planned.admission == Admission::kHold) return Standing::kPreparing;
  const bool direct = planned.config.forwarding == ForwardingMethod::kDirectRouting;
  if (direct && off_link.contains(planned.key.address)) return Standing::kNotOnLink;
  if (health.out.contains(planned.key)) return Standing::kDown;
  const bool unknown =
      planned.admission == Admission::kKeep || health.unknown.contains(planned.key);
  return unknown ? Standing::kUnknown : Standing::kChanged;
}

Standing standing_of(const PlannedDestination& planned, const PoolVerdict& health) {
  return health.cut && health.out.contains(planned.key) ? Standing::kDown : Standing::kMissing;
}

Standing standing_of(const PlannedServiceHeader& planned, const ObservedDestination& observed) {
  const bool sorry = planned.sorry && planned.sorry->key == observed.key;
  return sorry && observed.config.weight > 0 ? Standing::kSorry : Standing::kLeaving;
}

const char* to_string(Standing standing) {
  static constexpr std::array<const char*, kStandings> kNames{
      "Serving",   "Down",    "ForcedDown", "Draining", "Quiesced", "Preparing",
      "NotOnLink", "Unknown", "Changed",    "Leaving",  "Missing",  "Sorry"};
  return kNames[static_cast<std::size_t>(standing)];
}

}  // namespace lvs
