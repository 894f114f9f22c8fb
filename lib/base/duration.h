// Durations as the resources write them: Go-style text such as 500ms, 60s, 1m30s, 1.5h.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace lvs {

// Units ms, s, m, h; at least one number with a unit; not negative; whole milliseconds.
[[nodiscard]] Result<Duration> parse_duration(std::string_view text);
// The shortest text that parse_duration() reads back: 1m30s, 500ms, 0s.
[[nodiscard]] std::string format_duration(Duration duration);

}  // namespace lvs
