// What the probes of one check say together: rise and fall. Pure; time is an argument.
#pragma once

#include <string>

#include "core/health/check.h"

namespace lvs {

class ServerHealth {
 public:
  // `rise` successes in a row make an unhealthy server healthy, `fall` failures take it out. The
  // first success is enough for one that nobody knows yet; failures are counted as ever, because a
  // director that has just started may be what is wrong.
  ServerHealth(int rise, int fall) : rise_(rise), fall_(fall) {}

  // True: the state has changed, or the reason of an unhealthy one. Another reason counts when two
  // probes in a row have it: a server that finds a new one each time is no news.
  bool record(const ProbeResult& result, TimePoint now);

  [[nodiscard]] HealthState state() const { return state_; }
  [[nodiscard]] TimePoint since() const { return since_; }
  // Why it is unhealthy; meaningless in other states.
  [[nodiscard]] const std::string& why() const { return why_; }
  // Probes in a row that speak against the present state.
  [[nodiscard]] int against() const { return against_; }
  // The next probes may change the state, or give the first one.
  [[nodiscard]] bool is_in_transition() const {
    return state_ == HealthState::kUnknown || against_ > 0;
  }

 private:
  bool hear_reason(const std::string& why);
  bool enter(HealthState state, TimePoint now);

  int rise_;
  int fall_;
  HealthState state_ = HealthState::kUnknown;
  TimePoint since_;
  int against_ = 0;
  std::string why_;
  std::string last_why_;  // of the last probe that failed
};

}  // namespace lvs
