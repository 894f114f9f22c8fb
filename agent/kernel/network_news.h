// Which of the kernel's notifications about links and addresses tell something new. Keeping an
// address alive is announced like its coming, with another lifetime: a director that refreshes
// hundreds of them would read everything again all the time. Pure: bytes in, whatever they are.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "agent/kernel/netlink_message.h"

namespace lvs::netlink {

class NetworkNews {
 public:
  // One datagram of the kernel.
  [[nodiscard]] bool is_news(Bytes datagram);
  // Some were lost: nothing is known any more.
  void forget() { known_.clear(); }

 private:
  using Copy = std::vector<std::uint8_t>;
  bool is_news(const Message& message);

  // What was said last of each address, without its lifetime.
  std::map<Copy, Copy> known_;
};

}  // namespace lvs::netlink
