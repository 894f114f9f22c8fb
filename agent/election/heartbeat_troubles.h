// What goes wrong with heartbeats: counted always, logged at most once in ten seconds for each kind
// with the number since the last line.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/ip_address.h"

namespace lvs {

enum class HeartbeatTrouble : std::uint8_t {
  kTooMany,        // more than is worth an HMAC (flood_guard.h)
  kMalformed,      // truncated, of another version, or not a heartbeat
  kBadKey,         // a key id that is not in the key file
  kBadMac,         // another key under the same id, or changed on the way
  kUnknownSender,  // authentic, but of a node that is no peer
  kReplayed,       //
  kUnproven,       // the first of a boot, not believed yet; some at each start are normal
  kRepeated,       // by another address of the same peer; normal
  kNotSent,        // the system refused to send
};
inline constexpr std::size_t kHeartbeatTroubles = 9;

// "bad_mac", for logs and metrics.
[[nodiscard]] const char* to_string(HeartbeatTrouble trouble);

// Threads: total() on any, the others on one.
class HeartbeatTroubles {
 public:
  // `other`: whom it came from or goes to.
  void count(HeartbeatTrouble trouble, const IpAddress& other, TimePoint now);
  // Logs what was counted since the last line, if that is long enough ago. Call it now and then.
  void flush(TimePoint now);
  [[nodiscard]] std::uint64_t total(HeartbeatTrouble trouble) const;

 private:
  struct Line {
    std::atomic<std::uint64_t> total{0};
    std::uint64_t logged = 0;
    IpAddress last;
    std::optional<TimePoint> logged_at;
  };
  void log_if_due(HeartbeatTrouble trouble, TimePoint now);

  std::array<Line, kHeartbeatTroubles> lines_;
};

}  // namespace lvs
