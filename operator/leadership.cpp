#include "operator/leadership.h"

#include <algorithm>

namespace lvs {

std::optional<Lease> Leadership::wish(const Lease& seen, TimePoint now,
                                      const std::string& wall_time) {
  highest_term_ = std::max(highest_term_, seen.transitions);
  if (leads(seen)) {
    Lease renewed = seen;
    renewed.renew_time = wall_time;
    return renewed;
  }
  const bool is_free = seen.resource_version.empty() || seen.holder.empty();
  if (is_free || is_silent(seen, now)) return claim(seen, wall_time);
  return std::nullopt;
}

bool Leadership::is_silent(const Lease& seen, TimePoint now) {
  if (!unchanged_since_ || seen.resource_version != version_) {
    version_ = seen.resource_version;
    unchanged_since_ = now;
  }
  return now - *unchanged_since_ >= std::max(duration_, seen.duration);
}

Lease Leadership::claim(const Lease& seen, const std::string& wall_time) {
  Lease claimed = seen;
  claimed.holder = self_;
  claimed.duration = duration_;
  claimed.transitions = ++highest_term_;
  claimed.acquire_time = wall_time;
  claimed.renew_time = wall_time;
  return claimed;
}

Lease Leadership::given_up(Lease held) const {
  held.holder.clear();
  held.duration = Duration{1'000};
  return held;
}

}  // namespace lvs
