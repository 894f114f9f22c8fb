// Tells living heartbeats from recorded ones. All of them are authenticated.
//
// Within a boot of the sender each sequence number is taken once, and only upwards. Another boot
// than the one that is known is believed only when it proves to be alive: it must echo a heartbeat
// that we sent in the last two seconds and that is newer than any that its forerunner had echoed; a
// recording holds no echo of what we sent after it was made. Boots that ended are never believed
// again. Our own boot must be a number that was never used before (make_boot()), then after our
// restart no recording can echo us.
//
// No clock of another machine plays a part, so none of them can step. Two directors that start at
// the same time need two exchanges: until a sender is believed, what it sends is answered by an
// echo in our own next heartbeat (add_challenges()) and otherwise ignored. That is one or two
// heartbeat intervals.
//
// Not covered: somebody who can hold heartbeats back and release them later, one by one, makes a
// dead director look alive for as long as they last. That is a machine in the path, which could
// cut the link or answer ARP as well.
//
// Pure; time is our own monotonic clock.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/election/heartbeat.h"

namespace lvs {

// A number that no boot of any machine used before: random.
[[nodiscard]] std::uint64_t make_boot();

class ReplayGuard {
 public:
  explicit ReplayGuard(std::string self) : self_(std::move(self)) {}

  enum class Verdict : std::uint8_t {
    kLiving,
    kRepeated,  // taken just before: also what a second path to the same node delivers
    kReplayed,  // older than what was taken, or of a boot that ended
    kUnproven,  // a new boot that echoes nothing fresh: it is challenged
  };
  [[nodiscard]] Verdict judge(const Heartbeat& heartbeat, TimePoint now);

  // Before `ours` is sent: puts the challenges in and remembers what may be echoed.
  void add_challenges(Heartbeat& ours, TimePoint now);

  // Forgets senders that are no peers any more.
  void keep(const std::function<bool(const std::string&)>& is_peer);

 private:
  struct Sender {
    bool known = false;
    std::uint64_t boot = 0;
    std::uint64_t sequence = 0;
    std::uint64_t echoed = 0;               // our newest sequence that it echoed
    std::deque<std::uint64_t> ended_boots;  // the latest
    std::uint64_t challenged_boot = 0;      // 0: none
    std::uint64_t challenged_sequence = 0;
    TimePoint challenged_at;
  };
  struct Sent {
    std::uint64_t sequence = 0;
    TimePoint at;
  };
  void forget_sent(TimePoint now);
  [[nodiscard]] std::uint64_t echo_in(const Heartbeat& heartbeat) const;
  [[nodiscard]] bool is_fresh(std::uint64_t echoed, TimePoint now);

  std::string self_;
  std::uint64_t own_boot_ = 0;
  std::deque<Sent> sent_;  // in the last two seconds
  std::map<std::string, Sender> senders_;
};

}  // namespace lvs
