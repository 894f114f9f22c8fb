#include "core/election/wire_inquiry.h"

#include <algorithm>

namespace lvs {

void WireInquiry::start(TimePoint first_ask) { *this = {}, next_ = first_ask; }

bool WireInquiry::ask(TimePoint now, const ElectionConfig& config) {
  if (now < next_) return false;
  const int enough = std::max(config.silent_asks, config.silent_asks_after_answer);
  if (outstanding_) unanswered_ = std::min(unanswered_ + 1, enough);
  outstanding_ = true;
  next_ = now + config.ask_interval;
  return true;
}

void WireInquiry::answered(TimePoint now, const ElectionConfig& config) {
  forget_silence();
  answered_ = true;
  next_ = now + config.vetoed_ask_interval;
}

void WireInquiry::forget_silence() {
  unanswered_ = 0;
  outstanding_ = false;
}

}  // namespace lvs
