// Why a VIP came to its holder, for people: status, events, logs, metrics. Decides nothing.
#pragma once

#include <cstdint>
#include <string>

namespace lvs {

enum class MoveReason : std::uint8_t {
  kNobodyHadIt,     // nobody is known to have had it before
  kHeartbeatLost,   // the holder fell silent, on the wire too
  kLetGo,           // the holder lives, but let it go: its link is down, or it was stalled
  kAgentRestarted,  // no move: the kernel still had it
  // By offer of the holder:
  kRequested,     // by a person's command
  kDrained,       // the holder was drained
  kAgentStopped,  // the holder's agent ends
  kNotFit,        // the holder cannot serve it as planned
  kPlanChanged,   // the holder is no candidate any more
  kPreempted,     // one that goes before took it back
};
inline constexpr MoveReason kLastMoveReason = MoveReason::kPreempted;
[[nodiscard]] std::string to_string(MoveReason reason);  // CamelCase

}  // namespace lvs
