// Keeps a pass that costs the more the more there is from filling the loop's time: it takes a third
// of it at most, whatever the machine. Pure.
#pragma once

#include "base/clock.h"

namespace lvs {

class Pace {
 public:
  [[nodiscard]] bool allows(TimePoint now) const { return now >= next_; }
  [[nodiscard]] TimePoint next() const { return next_; }
  void ran(TimePoint begin, TimePoint end) { next_ = end + 2 * (end - begin); }

 private:
  TimePoint next_;
};

}  // namespace lvs
