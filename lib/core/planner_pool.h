// From a VirtualService and its real servers to the kernel's services and destinations, as values.
// Internal to the planner.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "core/planner_records.h"

namespace lvs::planning {

// The address behind VIPs of the family: spec.address, or else the node's. Nothing when there is
// none, or the node is not there.
[[nodiscard]] std::optional<IpAddress> address_of(const ServerRecord& server, Family family);

// What the node's agent says of the VIP; null: it does not list it.
[[nodiscard]] const BackendReport* find_backend(const NodeStatus& report, const IpAddress& vip);

// May directors send new connections for the VIP to the server at `address`? A node's last report
// stands until the next: an agent that does not answer is not a server that does not serve.
[[nodiscard]] Admission admission_of(const ServerRecord& server, const IpAddress& address,
                                     const IpAddress& vip, ForwardingMethod forwarding);

// A machine that its own agent must prepare before a director sends it packets for the VIP.
[[nodiscard]] bool is_prepared_by_agent(const ServerRecord& server, ForwardingMethod forwarding);

[[nodiscard]] Pool make_pool(const ServiceRecord& service, const IpAddress& vip);

// One per port, sorted by key.
[[nodiscard]] std::vector<std::pair<ServiceKey, PlannedService>> make_services(
    const VirtualService& service, const IpAddress& vip, const Pool& pool);

// Sorted by node, VIP and server, so that two lists can be compared.
[[nodiscard]] std::vector<BackendClaim> make_backend_claims(const ServiceRecord& service);
[[nodiscard]] bool operator<(const BackendClaim& a, const BackendClaim& b);

}  // namespace lvs::planning
