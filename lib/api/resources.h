// The resources as values: VirtualService and RealServer (lvs-operator.io/v1alpha1) and the little
// that is used of a Kubernetes Node. The schemas in crds/ are the source of truth for meaning and
// defaults; field comments here say only what the code needs to know beyond them.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "api/health_check.h"
#include "api/terms.h"
#include "base/clock.h"
#include "base/ip_address.h"

namespace lvs {

// Which object. `ns` is empty for cluster-scoped kinds.
struct ObjectKey {
  std::string ns;
  std::string name;

  friend auto operator<=>(const ObjectKey&, const ObjectKey&) = default;
};
[[nodiscard]] std::string to_string(const ObjectKey& key);  // "shop/web"

using Labels = std::map<std::string, std::string>;

struct ObjectMeta {
  ObjectKey key;
  Labels labels;
  Labels annotations;
  std::int64_t generation = 0;
  // Seconds since the epoch; with the key it orders objects by age (the older one wins a conflict).
  std::int64_t created = 0;
  // Where it was read: "web.yaml:12" from a directory, empty from the API server.
  std::string origin;
  std::string uid;  // of the API server; empty from a directory

  bool operator==(const ObjectMeta&) const = default;
};

struct LabelRequirement {
  enum class Operator { kIn, kNotIn, kExists, kDoesNotExist };
  std::string key;
  Operator op = Operator::kIn;
  std::vector<std::string> values;

  bool operator==(const LabelRequirement&) const = default;
};

struct LabelSelector {
  Labels match_labels;
  std::vector<LabelRequirement> match_expressions;

  bool operator==(const LabelSelector&) const = default;
  [[nodiscard]] bool empty() const { return match_labels.empty() && match_expressions.empty(); }
  // An empty selector matches everything, as everywhere in Kubernetes.
  [[nodiscard]] bool matches(const Labels& labels) const;
};

struct PortSpec {
  std::string name;
  Protocol protocol = Protocol::kTcp;
  std::uint16_t port = 0;  // 0: every port, only with persistence
  std::optional<std::uint16_t> target_port;
  std::optional<HealthCheckSpec> health_check;

  bool operator==(const PortSpec&) const = default;
};

struct SchedulerSpec {
  std::string name = "wrr";
  std::vector<std::string> flags;

  bool operator==(const SchedulerSpec&) const = default;
};

struct PersistenceSpec {
  Duration timeout{60'000};
  std::optional<int> prefix_length;  // absent: every address by itself

  bool operator==(const PersistenceSpec&) const = default;
};

struct SorryServerSpec {
  IpAddress address;
  std::optional<ForwardingMethod> forwarding;  // absent: the service's
  std::optional<std::uint16_t> port;           // absent: the one that connections go to
  bool operator==(const SorryServerSpec&) const = default;
};

struct DirectorsSpec {
  LabelSelector node_selector;
  std::vector<std::string> preferred;  // node names, first choice first
  // Empty: a VIP stays where it is as long as its holder is well.
  std::optional<Duration> preempt_after;

  bool operator==(const DirectorsSpec&) const = default;
};

struct VirtualServiceSpec {
  std::vector<IpAddress> vips;
  std::vector<PortSpec> ports;
  SchedulerSpec scheduler;
  ForwardingMethod forwarding = ForwardingMethod::kDirectRouting;
  std::optional<PersistenceSpec> persistence;
  LabelSelector real_server_selector;
  std::optional<HealthCheckSpec> health_check;
  int fail_open_percent = 50;
  OnFailure on_failure = OnFailure::kQuiesce;
  std::optional<SorryServerSpec> sorry_server;
  Duration drain_timeout{60'000};
  DirectorsSpec directors;
  std::string interface;  // empty: the one on whose network the VIP is
  bool paused = false;

  bool operator==(const VirtualServiceSpec&) const = default;
};

struct VirtualService {
  ObjectMeta meta;
  VirtualServiceSpec spec;

  bool operator==(const VirtualService&) const = default;
};

struct RealServerSpec {
  std::string node_name;             // empty: the machine prepares itself
  std::optional<IpAddress> address;  // absent: the node's InternalIP of the VIP's family
  std::uint32_t weight = 1;          // 0..65535
  std::uint32_t max_connections = 0;
  std::uint32_t min_connections = 0;
  bool drain = false;

  bool operator==(const RealServerSpec&) const = default;
};

struct RealServer {
  ObjectMeta meta;
  RealServerSpec spec;

  bool operator==(const RealServer&) const = default;
};

inline constexpr const char* kDirectorLabel = "lvs-operator.io/director";
inline constexpr const char* kAgentPortAnnotation = "lvs-operator.io/agent-port";
inline constexpr std::uint16_t kDefaultAgentPort = 9440;
// "true" on a Node: its VIPs go to other directors, and none comes to it.
inline constexpr const char* kDrainAnnotation = "lvs-operator.io/drain";
// On a VirtualService: core/failover_request.h.
inline constexpr const char* kFailoverAnnotation = "lvs-operator.io/failover";

struct Node {
  ObjectMeta meta;
  std::vector<IpAddress> internal_ips;
  std::uint16_t agent_port = kDefaultAgentPort;
  bool cordoned = false;  // spec.unschedulable

  bool operator==(const Node&) const = default;
  [[nodiscard]] bool is_director() const;
  // By annotation, or cordoned.
  [[nodiscard]] bool is_drained() const;
  [[nodiscard]] std::optional<IpAddress> internal_ip(Family family) const;
};

// The kinds that a source delivers.
using Resource = std::variant<VirtualService, RealServer, Node>;
enum class Kind { kVirtualService, kRealServer, kNode };  // in the order of Resource's alternatives
[[nodiscard]] std::string_view to_string(Kind kind);
[[nodiscard]] Kind kind_of(const Resource& resource);
[[nodiscard]] const ObjectMeta& meta_of(const Resource& resource);

}  // namespace lvs
