// A request to move VIPs, as a person writes it into the annotation lvs-operator.io/failover of a
// VirtualService: "192.0.2.100@4" (away from the holder of term 4, to whoever is next) or
// "192.0.2.100@4=director-2"; several with commas between. The term makes it good for one move:
// after it the VIP has another one. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "core/plan.h"

namespace lvs {

using FailoverRequests = std::map<IpAddress, PlannedMove>;

// The error says what to write instead.
[[nodiscard]] Result<FailoverRequests> parse_failover_requests(std::string_view text);
[[nodiscard]] std::string to_text(const FailoverRequests& requests);

}  // namespace lvs
