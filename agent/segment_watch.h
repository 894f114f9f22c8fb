// Whether the segment behind a link still carries. Where nobody else answers either, the silence of
// a VIP's holder proves nothing, and the VIP must not be taken.
//
// While a VIP is asked for, witnesses are asked, too: machines that spoke with this node a moment
// ago. Two rounds without any frame of any other machine, and the segment is silent until the next
// frame. Pure.
#pragma once

#include <map>

#include "base/clock.h"

namespace lvs {

class SegmentWatch {
 public:
  enum class Step {
    kNothing,
    kBegin,  // find witnesses and ask them
    kAsk,    // ask them again
  };

  // A VIP is about to be asked for on this link.
  [[nodiscard]] Step asked(int link, TimePoint now);
  // Nobody there could bear witness: for now the segment counts as carrying.
  void has_no_witness(int link);
  // Another machine spoke. True: the segment was silent until now.
  bool heard(int link);
  // To be asked after asked(): the VIP is silent only after three questions.
  [[nodiscard]] bool is_silent(int link, TimePoint now);

 private:
  struct Link {
    int asks = 0;  // of witnesses, since something was heard
    TimePoint first;
    TimePoint last;
    bool silent = false;
    bool provable = true;
  };
  std::map<int, Link> links_;
};

}  // namespace lvs
