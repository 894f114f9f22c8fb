#include "core/health/server_health.h"

namespace lvs {

bool ServerHealth::record(const ProbeResult& result, TimePoint now) {
  if (!result.healthy) why_ = result.why;
  const bool agrees = state_ == (result.healthy ? HealthState::kHealthy : HealthState::kUnhealthy);
  if (agrees || (state_ == HealthState::kUnknown && result.healthy)) {
    against_ = 0;
    return !agrees && enter(HealthState::kHealthy, now);
  }
  ++against_;
  if (against_ < (result.healthy ? rise_ : fall_)) return false;
  return enter(result.healthy ? HealthState::kHealthy : HealthState::kUnhealthy, now);
}

bool ServerHealth::enter(HealthState state, TimePoint now) {
  state_ = state;
  since_ = now;
  against_ = 0;
  return true;
}

}  // namespace lvs
