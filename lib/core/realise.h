// The agent's decision: the node's plan, its roles and what is known of the servers in; what the
// kernel should hold out. Per service, so that a change costs what it touches.
#pragma once

#include <array>
#include <set>
#include <string>

#include "core/desired.h"
#include "core/election.h"
#include "core/health/pool.h"
#include "core/observed.h"
#include "core/plan.h"
#include "core/report.h"

namespace lvs {

// Real servers that this node does not reach without a gateway. Direct routing changes nothing but
// the frame's destination, so a server on another segment never gets the packet.
using OffLinkServers = std::set<IpAddress>;

// Destinations of direct routing that are off link, and those that health takes out, get no new
// connections. Where nobody may get any, the sorry server does.
[[nodiscard]] DesiredService realise_service(const ServiceKey& key, const PlannedService& planned,
                                             const OffLinkServers& off_link = {},
                                             const PoolVerdict& health = {});

// Who may be off link: direct routing's servers that are on no network of this node's addresses, at
// most kMostDoubtful of them (of more it is the director that is in the wrong place). Only the
// kernel's routes can say it for certain.
inline constexpr std::size_t kMostDoubtful = 256;
[[nodiscard]] OffLinkServers maybe_off_link(const NodePlan& plan, const ObservedNetwork& observed);

// The network side: which VIP where, by role; which interfaces must be silent. What cannot be
// realised is a problem in the result, with a reason.
struct RealisedNetwork {
  DesiredNetwork desired;
  std::vector<ProblemReport> problems;
};
// The other directors' hardware, as far as it is known.
struct OtherDirectors {
  std::vector<std::array<std::uint8_t, 6>> hardware;  // sorted
  bool all_known = false;                             // of each of them some

  bool operator==(const OtherDirectors&) const = default;
};
[[nodiscard]] RealisedNetwork realise_network(const NodePlan& plan, const Roles& roles,
                                              const ObservedNetwork& observed,
                                              const OtherDirectors& others = {});

// Where this node is one of several directors of a VIP and its real server, too: what the holder
// sends it is for its own server, and must not be balanced again, whoever holds what.
[[nodiscard]] LocalDelivery realise_local_delivery(const NodePlan& plan,
                                                   const ObservedNetwork& observed,
                                                   const OtherDirectors& others);
// This node may hold the VIP, and so may another.
[[nodiscard]] bool is_shared(const NodePlan& plan, const PlannedVip& vip);

// Connection sync: both daemons on every director of a VIP that somebody else could take, always;
// so that whoever takes it knows the connections. sloppy_tcp where every director finds the same
// real server by itself (mh, sh). And what a kernel's memory of a client may hold it to (ADR 12).
// `started` tells our daemons from those of others.
struct RealisedSync {
  DesiredSync desired;
  std::vector<ProblemReport> problems;
};
[[nodiscard]] RealisedSync realise_sync(const NodePlan& plan, const SyncOptions& options,
                                        const ObservedNetwork& network,
                                        const ObservedSync& observed,
                                        const std::vector<SyncDaemon>& started);

// The service has a say in these settings: its scheduler does without sync, its clients stay with
// their servers, or its destinations are of another address family, which the kernel cannot sync.
[[nodiscard]] bool concerns_sync(const ServiceKey& key, const PlannedService& service);
// One of these has, among those that are in the plan.
[[nodiscard]] bool touches_sync(const NodePlan& plan, const std::set<ServiceKey>& services);

// This node's own address on whose network the address is: not one of ours, and never of loopback;
// the longest prefix wins. Null: it is on none.
[[nodiscard]] const ObservedAddress* own_address_near(const IpAddress& address,
                                                      const ObservedNetwork& observed);
// The interface of that address; empty: none.
[[nodiscard]] std::string interface_for(const IpAddress& address, const ObservedNetwork& observed);

// The interface that has exactly this address, not ours; loopback never. A real server's packets
// for the VIP arrive there. Empty: none.
[[nodiscard]] std::string ingress_interface(const IpAddress& server_address,
                                            const ObservedNetwork& observed);

}  // namespace lvs
