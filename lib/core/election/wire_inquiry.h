// Asking the wire who has a VIP, until it has been silent often enough in a row.
#pragma once

#include "core/election/config.h"

namespace lvs {

class WireInquiry {
 public:
  void start(TimePoint first_ask);
  // True: ask now. To be called when next() has come.
  [[nodiscard]] bool ask(TimePoint now, const ElectionConfig& config);
  // Not now; what was counted is void.
  void put_off(TimePoint next) { forget_silence(), next_ = next; }
  // A director has the VIP.
  void answered(TimePoint now, const ElectionConfig& config);
  // The last question never left, or we did not listen: what was counted is void.
  void forget_silence();
  [[nodiscard]] bool silent(const ElectionConfig& config) const {
    return unanswered_ >= (answered_ ? config.silent_asks_after_answer : config.silent_asks);
  }
  [[nodiscard]] TimePoint next() const { return next_; }

 private:
  friend class Fingerprint;
  TimePoint next_;
  int unanswered_ = 0;
  bool outstanding_ = false;
  bool answered_ = false;
};

}  // namespace lvs
