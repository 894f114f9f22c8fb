#include "base/backoff.h"

#include <algorithm>

namespace lvs {

Duration Backoff::next(double random) {
  constexpr int kMostDoublings = 20;
  const auto step =
      std::min(policy_.longest, policy_.first * (1L << std::min(failures_, kMostDoublings)));
  ++failures_;
  const auto half = static_cast<double>(step.count()) / 2;
  return Duration(static_cast<Duration::rep>(half + half * random));
}

}  // namespace lvs
