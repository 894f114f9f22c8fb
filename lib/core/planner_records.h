// What the planner knows of each object, and how the objects hang together. Internal to the
// planner.
//
// Records stand in maps of Planner::State and point to each other; a record of an object that is
// gone lives until the end of the update that saw it go.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/diagnostic.h"
#include "core/forced_health.h"
#include "core/plan.h"
#include "core/report.h"

namespace lvs::planning {

struct NodeRecord;
struct ServerRecord;
struct ServiceRecord;

// RealServers in no order, out of which each can be taken without a search: it knows its place.
using ServerList = std::vector<ServerRecord*>;
struct ServerPlace {
  ServerList* list = nullptr;
  std::size_t index = 0;
};

// A RealServer.
struct ServerRecord {
  std::shared_ptr<const RealServer> object;
  std::optional<ForcedHealth> forced;       // by a person, now
  Diagnostics invalid;                      // what validate() says; such an object is left out
  NodeRecord* node = nullptr;               // spec.nodeName; null: the machine prepares itself
  std::vector<ServerPlace> places;          // in its node's list and in those of its labels
  std::vector<ServiceRecord*> selected_by;  // valid VirtualServices, in no order
};

// A real server behind one VIP.
struct PoolEntry {
  IpAddress address;
  ServerRecord* server = nullptr;
  Admission admission = Admission::kAdmit;
  bool serves = true;  // false: an older RealServer has the same address

  bool operator==(const PoolEntry&) const = default;
};

// By address; of one address the oldest first.
using Pool = std::vector<PoolEntry>;

// One reason for a node to accept a VIP.
struct BackendClaim {
  NodeRecord* node = nullptr;
  IpAddress vip;
  ServerRecord* server = nullptr;
  std::int64_t created = 0;  // the server's
  PlannedBackend backend;

  bool operator==(const BackendClaim&) const = default;
};

// A VirtualService.
struct ServiceRecord {
  std::shared_ptr<const VirtualService> object;  // null: deleted
  Diagnostics invalid;
  // What other VirtualServices make of it.
  bool claims_granted = false;
  Diagnostics conflicts;
  bool programmed = false;
  bool dirty = false;
  std::vector<ServerRecord*> selected;  // sorted by pointer
  std::map<IpAddress, Pool> pools;      // of every VIP, while programmed
  std::vector<ServiceKey> keys;         // that it has in the VIPs' services, sorted
  std::vector<BackendClaim> backends;
};

// A backend that the node still has although nothing wants it any more.
struct HeldBackend {
  PlannedBackend backend;
  // Directors that were seen to follow a plan without it. Once is enough: if they come to need it
  // again, it is wanted again and no longer held.
  std::set<std::string> clean;
  bool released = false;
};

struct NodeRecord {
  std::string name;
  std::shared_ptr<const Node> object;  // null: named by a RealServer, but not there
  std::shared_ptr<const NodeStatus> report;
  bool unreachable = false;
  bool sends = false;  // is a director, or was one since the planner began
  ServerList servers;
  std::map<IpAddress, std::vector<BackendClaim>> wanted;  // the oldest real server first
  std::map<IpAddress, HeldBackend> held;
  std::set<IpAddress> dirty_backends;

  [[nodiscard]] bool is_director() const { return object != nullptr && object->is_director(); }
};

struct ProgrammedService {
  std::shared_ptr<const PlannedService> service;  // null: none
  ContentHash hash;                               // of `service` under its key
  const ServiceRecord* owner = nullptr;
};

struct OlderFirst {
  bool operator()(const ServiceRecord* a, const ServiceRecord* b) const;
};

struct VipRecord {
  std::set<ServiceRecord*, OlderFirst> claimants;  // valid ones
  const ServiceRecord* decider = nullptr;          // the oldest whose claims are granted
  std::vector<std::string> candidates;
  std::map<ServiceKey, ProgrammedService> services;
  std::map<ServiceKey, ProgrammedService> before;  // of services that this update changed
  std::optional<PlannedVip> planned;               // as it stands in the plans of its candidates
};

void join(ServerList& list, ServerRecord& server);
void leave(ServerList& list, ServerRecord& server);

// The older object wins: by time of creation, then by key.
[[nodiscard]] bool is_older(const ObjectMeta& a, const ObjectMeta& b);

}  // namespace lvs::planning
