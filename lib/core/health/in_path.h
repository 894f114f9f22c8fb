// Why a check through the VIP has failed: what the server says there, beside what it says on its own
// address. Pure.
#pragma once

#include <optional>
#include <string>

#include "core/health/check.h"

namespace lvs {

// `through` has failed; `own` is what came of the same check of the server's own address, if that
// is known yet. `server` has a route.
[[nodiscard]] std::string explain_in_path(const CheckedServer& server, const ProbeResult& through,
                                          const std::optional<ProbeResult>& own);

}  // namespace lvs
