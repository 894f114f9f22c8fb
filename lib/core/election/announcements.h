// When the holder announces: a burst whenever others may have a wrong picture, then at a low rate.
#pragma once

#include "core/election/config.h"

namespace lvs {

class Announcements {
 public:
  void burst(TimePoint now, const ElectionConfig& config);
  // True: announce now.
  [[nodiscard]] bool due(TimePoint now, const ElectionConfig& config);
  [[nodiscard]] TimePoint next() const { return next_; }

 private:
  friend class Fingerprint;
  TimePoint next_;
  int left_ = 0;
};

inline void Announcements::burst(TimePoint now, const ElectionConfig& config) {
  left_ = config.announce_burst;
  next_ = now;
}

inline bool Announcements::due(TimePoint now, const ElectionConfig& config) {
  if (now < next_) return false;
  if (left_ > 0) --left_;
  next_ = now + (left_ > 0 ? config.announce_interval : config.announce_refresh);
  return true;
}

}  // namespace lvs
