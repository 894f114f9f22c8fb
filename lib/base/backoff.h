// How long to wait before the next try: exponential, capped, with jitter. Pure: the randomness is
// an argument.
#pragma once

#include "base/clock.h"

namespace lvs {

struct BackoffPolicy {
  Duration first{100};
  Duration longest{10'000};
};

class Backoff {
 public:
  explicit Backoff(BackoffPolicy policy) : policy_(policy) {}

  // The next wait; `random` in [0, 1) picks a point in the upper half of the step, so that clients
  // that failed together do not come back together.
  [[nodiscard]] Duration next(double random);
  // After a success.
  void reset() { failures_ = 0; }
  [[nodiscard]] int failures() const { return failures_; }

 private:
  BackoffPolicy policy_;
  int failures_ = 0;
};

}  // namespace lvs
