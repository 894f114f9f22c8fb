// A person's word on a real server, over what checks say of it, for some time:
//
//   metadata:
//     annotations:
//       lvs-operator.io/force: down                          # or up
//       lvs-operator.io/force-until: "2026-11-22T18:00:00Z"  # without it: until it is taken back
//
// Both sources have annotations, so both can be told. Pure; the end is by the wall clock, because
// that is how a person wrote it.
#pragma once

#include <optional>
#include <string>

#include "api/resources.h"
#include "base/clock.h"
#include "base/result.h"

namespace lvs {

inline constexpr const char* kForceAnnotation = "lvs-operator.io/force";
inline constexpr const char* kForceUntilAnnotation = "lvs-operator.io/force-until";

struct ForcedHealth {
  bool up = false;
  std::optional<WallTime> until = std::nullopt;

  friend bool operator==(const ForcedHealth&, const ForcedHealth&) = default;
  [[nodiscard]] bool is_over(WallTime now) const { return until && now >= *until; }
};
// "forced down until 2026-11-22T18:00:00Z (lvs-operator.io/force)".
[[nodiscard]] std::string to_text(const ForcedHealth& forced);

// Nothing: nobody forces it. The error names the annotation and says what to write instead.
[[nodiscard]] Result<std::optional<ForcedHealth>> forced_health_of(const Labels& annotations);

// The same at a moment: nothing where it is over or cannot be read.
[[nodiscard]] std::optional<ForcedHealth> forced_at(const Labels& annotations, WallTime now);

}  // namespace lvs
