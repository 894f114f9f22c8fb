// A time as a person writes it, into a value; base/clock.h has the way back.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"

namespace lvs {

// 2026-01-31T08:15:00Z: UTC, whole seconds. Nothing where it is anything else, or no such day.
[[nodiscard]] std::optional<WallTime> parse_rfc3339(const std::string& text);

}  // namespace lvs
