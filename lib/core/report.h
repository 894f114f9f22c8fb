// NodeStatus: what an agent tells the operator about its node. Small whatever the size of the
// tables: only deviations are listed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/ip_address.h"
#include "core/ipvs.h"

namespace lvs {

// What the election says of a VIP on this node. Changes when something happens, not with time.
struct ElectedVipReport {
  // Of the holder:
  std::uint64_t since = 0;      // seconds since the epoch, by this node's clock
  std::string taken_because;    // CamelCase: HeartbeatLost, DirectorDrained, ...
  std::string previous_holder;  // empty: nobody is known
  std::string standby;          // the director that could take it over now; empty: nobody
  // What between the directors is not as it should be, CamelCase: NoSuccessor, HeartbeatsLost, ...
  std::string concern;
  std::string concern_message;  // with what to do

  bool operator==(const ElectedVipReport&) const = default;
};

// A VIP that this node may hold, and whether it does.
struct VipReport {
  IpAddress address;
  std::string interface;
  bool holder = false;     // by role
  bool present = false;    // the address is on the interface
  std::uint64_t term = 0;  // of the acquisition
  std::string reason;      // CamelCase; empty when all is well
  std::string message;
  ElectedVipReport election{};

  bool operator==(const VipReport&) const = default;
};

// A VIP that this node accepts as a real server.
struct BackendReport {
  IpAddress vip;
  bool prepared = false;  // ARP settings and the address were read back from the kernel as wanted
  std::string reason;     // why not, CamelCase: WrongArpSetting, NoInterfaceForAddress, ...
  std::string message;
  // As the stored plan says, for an operator that did not make that plan itself; empty where the
  // VIP is in no plan any more and only waits to be removed.
  std::optional<IpAddress> server_address{};
  ForwardingMethod forwarding = ForwardingMethod::kDirectRouting;

  bool operator==(const BackendReport&) const = default;
};

// A destination and the connections that it still has.
struct LingeringDestination {
  ServiceKey service;
  DestinationKey key;
  ConnectionCounts connections;

  bool operator==(const LingeringDestination&) const = default;
};

// A real server that failed a service's health check on this director.
struct UnhealthyServer {
  ServiceKey service;
  IpAddress server;
  std::string why;  // "connection refused", "HTTP status 500, expected 200-299"

  bool operator==(const UnhealthyServer&) const = default;
};

// Something that could not be done.
struct ProblemReport {
  std::string object;  // "TCP 192.0.2.1:80", "192.0.2.1 on eth0", "plan"
  std::string
      reason;  // CamelCase: SchedulerUnavailable, KernelRefused, MassDeletionHeld, PlanCorrupt
  std::string message;  // with what to do

  bool operator==(const ProblemReport&) const = default;
};

struct NodeStatus {
  std::string node;
  std::string agent_version;
  // Changes with every start of the agent.
  std::string instance;
  // The plan that the agent has stored, and the one that its kernel is known to follow.
  ContentHash stored_plan;
  ContentHash applied_plan;
  bool has_plan = false;
  std::uint64_t plan_term = 0;
  bool drained = false;                 // as a director, by the plan or by command here
  std::vector<VipReport> vips;          // sorted by address
  std::vector<BackendReport> backends;  // sorted by VIP; also those that wait to be removed
  // What the kernel still holds although the plan does not. Sorted.
  std::vector<LingeringDestination> lingering;
  // What is drained by wish and not empty yet. Sorted.
  std::vector<LingeringDestination> draining;
  // Real servers of direct routing that this director reaches through a gateway or not at all: they
  // get no new connections from here. Sorted.
  std::vector<IpAddress> off_link;
  // By service and address. What is checked and not here is healthy, or not known for a moment.
  std::vector<UnhealthyServer> unhealthy;
  std::vector<ProblemReport> problems;  // sorted by object

  bool operator==(const NodeStatus&) const = default;
};

}  // namespace lvs
