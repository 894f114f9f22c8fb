#include "core/health/server_health.h"

#include <utility>

namespace lvs {

bool ServerHealth::record(const ProbeResult& result, TimePoint now) {
  const bool agrees = state_ == (result.healthy ? HealthState::kHealthy : HealthState::kUnhealthy);
  if (agrees || (state_ == HealthState::kUnknown && result.healthy)) {
    against_ = 0;
    return agrees ? !result.healthy && hear_reason(result.why) : enter(HealthState::kHealthy, now);
  }
  ++against_;
  if (against_ < (result.healthy ? rise_ : fall_)) return false;
  why_ = last_why_ = result.why;
  return enter(result.healthy ? HealthState::kHealthy : HealthState::kUnhealthy, now);
}

bool ServerHealth::hear_reason(const std::string& why) {
  const bool again = std::exchange(last_why_, why) == why;
  return again && std::exchange(why_, why) != why;
}

bool ServerHealth::enter(HealthState state, TimePoint now) {
  state_ = state;
  since_ = now;
  against_ = 0;
  return true;
}

}  // namespace lvs
