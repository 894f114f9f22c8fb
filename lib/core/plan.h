// NodePlan: what the operator wants of one node, and the edits that lead from one plan to the next.
//
// A plan is a set of keyed entries, so that a change is a few edits whatever the size of the plan,
// and its hash is a sum that is kept up to date by the same edits (base/hash.h). The plan says what
// changes with the cluster; what changes in milliseconds (health, role, drain) is decided on the
// node, in core/realise.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "api/resources.h"
#include "base/hash.h"
#include "base/result.h"
#include "core/ipvs.h"

namespace lvs {

// May a director send new connections to a destination?
enum class Admission : std::uint8_t {
  kAdmit,      // its node has prepared it, or it prepares itself
  kHold,       // not prepared: weight 0
  kKeep,       // not known: the kernel keeps the weight that it has
  kDrain,      // by wish: weight 0
  kForceUp,    // prepared, and a person says that it serves, whatever checks say
  kForceDown,  // a person says that it does not: weight 0
};

[[nodiscard]] constexpr bool is_kept_out(Admission admission) {
  return admission == Admission::kHold || admission == Admission::kDrain ||
         admission == Admission::kForceDown;
}

struct PlannedDestination {
  DestinationKey key;
  DestinationConfig config;  // weight as the resource says
  Admission admission = Admission::kAdmit;

  friend bool operator==(const PlannedDestination&, const PlannedDestination&) = default;
};

// Who gets the connections while no real server of the service may.
struct PlannedSorryServer {
  DestinationKey key;
  ForwardingMethod forwarding = ForwardingMethod::kDirectRouting;

  friend bool operator==(const PlannedSorryServer&, const PlannedSorryServer&) = default;
};

// How the director finds out whether the service's real servers serve.
struct PlannedHealth {
  HealthCheckSpec check;       // without a port: the one that connections go to
  int fail_open_percent = 50;  // more than this share looks dead: the pool is kept
  OnFailure on_failure = OnFailure::kQuiesce;

  friend bool operator==(const PlannedHealth&, const PlannedHealth&) = default;
};

struct PlannedServiceHeader {
  ObjectKey virtual_service;  // who asked for it
  ServiceConfig config;
  Duration drain_timeout{60'000};
  // A kernel that has the service leaves it as it is, whatever else stands here; one that has it
  // not gets it.
  bool paused = false;
  std::optional<PlannedHealth> health = std::nullopt;  // nothing: every server counts as healthy
  std::optional<PlannedSorryServer> sorry = std::nullopt;

  friend bool operator==(const PlannedServiceHeader&, const PlannedServiceHeader&) = default;
};

struct PlannedService {
  PlannedServiceHeader header;
  std::vector<PlannedDestination> destinations;  // sorted by key, keys unique

  friend bool operator==(const PlannedService&, const PlannedService&) = default;
};

// Somebody wants the VIP away from the holder of this term.
struct PlannedMove {
  std::uint64_t term = 0;
  std::string to;  // empty: to whoever is next in the order of claim

  friend bool operator==(const PlannedMove&, const PlannedMove&) = default;
};

// A VIP that this node may hold as a director.
struct PlannedVip {
  std::string interface;                // empty: the one on whose network the VIP is
  std::vector<std::string> candidates;  // node names in the order of claim
  // A candidate of higher order takes the VIP back after it has been warm for so long; empty:
  // never.
  std::optional<Duration> preempt_after = std::nullopt;
  std::optional<PlannedMove> move = std::nullopt;

  friend bool operator==(const PlannedVip&, const PlannedVip&) = default;
};

// A director of the cluster: who answers for it on the wire and where its heartbeats go.
struct PlannedDirector {
  std::vector<IpAddress> addresses;
  bool drained = false;  // its VIPs are to go to others, and no other comes to it

  friend bool operator==(const PlannedDirector&, const PlannedDirector&) = default;
};

// A VIP that this node accepts as a real server.
struct PlannedBackend {
  // The real server's own address: the interface that has it is the one where the VIP's packets
  // arrive, and so the one that must not answer ARP for the VIP.
  IpAddress server_address;
  ForwardingMethod forwarding = ForwardingMethod::kDirectRouting;

  friend bool operator==(const PlannedBackend&, const PlannedBackend&) = default;
};

struct NodePlan {
  std::string node;
  // Term of the operator that made it; an agent refuses a lower one than it has seen.
  std::uint64_t term = 0;
  // The administrator has confirmed that losing most services at once is meant.
  bool accept_mass_deletion = false;
  std::map<IpAddress, PlannedVip> vips;
  // All of them, this node included, by name; empty where this node is none.
  std::map<std::string, PlannedDirector> directors;
  // Shared between the plans of directors with the same service; never changed in place.
  std::map<ServiceKey, std::shared_ptr<const PlannedService>> services;
  std::map<IpAddress, PlannedBackend> backends;
  // VirtualServices that the operator took from this node on purpose: it saw them being deleted, or
  // sees them placed elsewhere. What vanished with them is meant.
  std::set<ObjectKey> withdrawn;
};
// By value, looking through the pointers.
[[nodiscard]] bool operator==(const NodePlan& a, const NodePlan& b);

struct PutVip {
  IpAddress address;
  PlannedVip vip;
  bool operator==(const PutVip&) const = default;
};
struct RemoveVip {
  IpAddress address;
  bool operator==(const RemoveVip&) const = default;
};
struct PutDirector {
  std::string node;
  PlannedDirector director;
  bool operator==(const PutDirector&) const = default;
};
struct RemoveDirector {
  std::string node;
  bool operator==(const RemoveDirector&) const = default;
};
struct PutService {  // makes it without destinations, or changes the header of the one that stands
  ServiceKey key;
  PlannedServiceHeader header;
  bool operator==(const PutService&) const = default;
};
struct RemoveService {  // with its destinations
  ServiceKey key;
  bool operator==(const RemoveService&) const = default;
};
struct PutDestination {
  ServiceKey service;
  PlannedDestination destination;
  bool operator==(const PutDestination&) const = default;
};
struct RemoveDestination {
  ServiceKey service;
  DestinationKey key;
  bool operator==(const RemoveDestination&) const = default;
};
struct PutBackend {
  IpAddress vip;
  PlannedBackend backend;
  bool operator==(const PutBackend&) const = default;
};
struct RemoveBackend {
  IpAddress vip;
  bool operator==(const RemoveBackend&) const = default;
};
struct PutWithdrawn {
  ObjectKey virtual_service;
  bool operator==(const PutWithdrawn&) const = default;
};
struct RemoveWithdrawn {
  ObjectKey virtual_service;
  bool operator==(const RemoveWithdrawn&) const = default;
};

using PlanEdit = std::variant<PutVip, RemoveVip, PutDirector, RemoveDirector, PutService,
                              RemoveService, PutDestination, RemoveDestination, PutBackend,
                              RemoveBackend, PutWithdrawn, RemoveWithdrawn>;

struct PlanPatch {
  ContentHash from;
  ContentHash to;
  std::uint64_t term = 0;
  std::vector<PlanEdit> edits;

  bool operator==(const PlanPatch&) const = default;
};

// The hash of all entries, of the node's name and of accept_mass_deletion (a plan with another name
// or permission cannot be reached by edits and is sent whole); not of the term, which fences but is
// not content.
[[nodiscard]] ContentHash hash_of(const NodePlan& plan);

// The share of one service and its destinations in the hash of a plan.
[[nodiscard]] ContentHash hash_of(const ServiceKey& key, const PlannedService& service);

// The edits that turn `before` into `after`, in a fixed order. Services that are the same pointer
// cost nothing.
[[nodiscard]] std::vector<PlanEdit> diff_plans(const NodePlan& before, const NodePlan& after);
// The same for the directors alone, appended to `edits`.
void diff_directors(const std::map<std::string, PlannedDirector>& before,
                    const std::map<std::string, PlannedDirector>& after,
                    std::vector<PlanEdit>& edits);
// The same for one service, appended to `edits`; null: there is none.
void diff_planned_service(const ServiceKey& key, const PlannedService* before,
                          const PlannedService* after, std::vector<PlanEdit>& edits);

// What an edit touched, for whoever must follow it.
struct TouchedByEdits {
  std::set<ServiceKey> services;
  bool network = false;  // VIPs, directors or backends
};

// A plan with its hash, changed only through edits so that the two cannot drift apart.
class HashedPlan {
 public:
  HashedPlan() = default;
  explicit HashedPlan(NodePlan plan);

  [[nodiscard]] const NodePlan& plan() const { return plan_; }
  [[nodiscard]] const ContentHash& hash() const { return hash_; }

  // All or nothing. kConflict when `patch.from` is not our hash or `patch.to` is not where its
  // edits lead; kNotFound when an edit names what is not there. Costs as much as the edits and the
  // services that they touch.
  Result<TouchedByEdits> apply(const PlanPatch& patch);
  // For the planner: edits that are right by construction.
  TouchedByEdits apply_edits(const std::vector<PlanEdit>& edits);
  // For the planner: the service as a whole, shared with other plans; null removes it. `before` and
  // `after` are hash_of() of what stood there and of what stands there now (zero where nothing).
  void put_service(const ServiceKey& key, std::shared_ptr<const PlannedService> service,
                   const ContentHash& before, const ContentHash& after);

 private:
  NodePlan plan_;
  ContentHash hash_;
};

}  // namespace lvs
