// Time as an argument. Decisions take a TimePoint; only adapters ask a Clock for it.
#pragma once

#include <chrono>
#include <string>

namespace lvs {

using Duration = std::chrono::milliseconds;
// Monotonic: steps of the wall clock do not move it.
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Duration>;
// For people: timestamps in status and logs. Compared only where a person wrote a time
// (core/forced_health.h).
using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::seconds>;

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual TimePoint now() const = 0;
  [[nodiscard]] virtual WallTime wall_now() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() const override;
  [[nodiscard]] WallTime wall_now() const override;
};

// 2026-01-31T08:15:00Z, as Kubernetes writes times (RFC 3339, UTC, whole seconds).
[[nodiscard]] std::string to_rfc3339(WallTime time);

}  // namespace lvs
