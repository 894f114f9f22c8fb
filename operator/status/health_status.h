// What the directors say of the health of servers. The one that holds the VIP decides; while nobody
// does, any of them. Pure.
#pragma once

#include <optional>
#include <string>

#include "operator/status/build_status.h"
#include "operator/status/conditions.h"

namespace lvs {

// The directors whose word counts for the VIP: its holder, or while there is none, all that answer.
[[nodiscard]] std::vector<const NodeStatus*> who_decides(const StatusSources& sources,
                                                         const IpAddress& vip);

// The problem of a service whose pool is kept although most of it looks dead.
inline constexpr const char* kPoolFailOpen = "PoolFailOpen";

// Which director finds the server unhealthy in this service, and why; nothing: none does.
struct HealthFinding {
  std::string director;
  std::string why;
  bool fail_open = false;  // it gets connections all the same, like the whole pool
};
[[nodiscard]] std::optional<HealthFinding> find_unhealthy(const StatusSources& sources,
                                                          const ServiceKey& service,
                                                          const IpAddress& server);
// Healthy, Unhealthy, or Unknown: not checked, or no director says what it finds.
[[nodiscard]] std::string health_text(const StatusSources& sources, const VirtualService& service,
                                      const PortSpec& port, const RealServer& server);

// The condition Healthy; nothing where no port is checked.
[[nodiscard]] std::optional<Verdict> healthy(const StatusSources& sources,
                                             const VirtualService& service);
[[nodiscard]] std::optional<Verdict> healthy(const StatusSources& sources,
                                             const RealServer& server);

}  // namespace lvs
