// The rules that one object can break by itself: the same table as the CEL rules in crds/, with the
// same messages (tests/refused runs both against the same cases).
#pragma once

#include <optional>

#include "core/diagnostic.h"

namespace lvs {

// Empty: acceptable. Severity kError, reason "Invalid", field and message per broken rule.
[[nodiscard]] Diagnostics validate(const VirtualService& object);
[[nodiscard]] Diagnostics validate(const RealServer& object);
[[nodiscard]] Diagnostics validate(const Node& object);
[[nodiscard]] Diagnostics validate(const Resource& object);

// Immutable fields: what `after` changes and may not.
[[nodiscard]] Diagnostics validate_update(const Resource& before, const Resource& after);

}  // namespace lvs
