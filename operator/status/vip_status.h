// Who has a VIP, since when, from whom and why; and who could take it over. Pure.
#pragma once

#include <optional>
#include <vector>

#include "operator/status/build_status.h"
#include "operator/status/conditions.h"

namespace lvs {

// By the directors' reports; what they do not know (after a restart, or when nobody holds it) stays
// as it was in `before`, which may be null.
[[nodiscard]] VipStatus build_vip(const StatusSources& sources, const IpAddress& vip,
                                  const VirtualServiceStatus* before);
// Could another director take each VIP over? Nothing where no VIP has a second candidate.
[[nodiscard]] std::optional<Verdict> failover_ready(const StatusSources& sources,
                                                    const std::vector<VipStatus>& vips);

}  // namespace lvs
