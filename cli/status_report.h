// The answer of `lvsctl status` as a value. Built purely, from what agents answered or from what
// the API server has, and printed as a table or as JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/kube_objects.h"
#include "cli/node_answers.h"

namespace lvs::cli {

struct VipRow {
  std::string address;
  std::vector<std::string> holders;  // more than one is a problem
  std::optional<bool> present;       // on the holder's interface; nothing: not known
  std::uint64_t term = 0;
  std::string since;                    // RFC 3339; empty: not known
  std::string previous;                 // who held it before; empty: not known
  std::string reason;                   // why it moved; empty: not known
  std::string standby;                  // who could take it over now, as the holder hears
  std::vector<std::string> candidates;  // directors in the order of claim
};

// The reason of a server that fails its health check.
inline constexpr const char* kCheckFailed = "CheckFailed";
inline constexpr const char* kNotOnLink = "RealServerNotOnLink";

struct ServerRow {
  std::string name;  // of the RealServer, or of the node; empty: not known
  std::string address;
  std::optional<std::uint32_t> weight;  // in the kernel; nothing: it is not in the table
  // Of a kernel that was asked; the API server does not have them.
  std::optional<std::uint64_t> active;
  std::optional<std::uint64_t> inactive;
  std::string state;     // Serving, Down, Preparing, Quiesced, Draining, NotProgrammed, ...
  std::string prepared;  // yes, no, unknown, itself, not needed; empty: not known
  std::string reason;    // why not
  std::string message;
};

struct ServiceRow {
  std::string service;          // "TCP 192.168.100.100:80"
  std::string virtual_service;  // "shop/web"; empty: not known
  std::string scheduler;
  std::string seen_on;  // whose table it is; empty: nobody has it
  std::vector<ServerRow> servers;
};

struct NodeRow {
  std::string node;
  std::string role;  // "director", "real server" or both
  std::string endpoint;
  std::optional<bool> reachable;  // nothing: not asked
  std::string version;
  bool has_plan = false;
  std::string stored_plan;
  std::string applied_plan;
};

// Another director as one director hears it; agents only.
struct HeartbeatRow {
  std::string director;
  std::string peer;
  bool heard = false;
  bool warm = false;
  bool available = false;
  std::int64_t round_trip_ms = 0;
  std::uint64_t received = 0;
  std::uint64_t lost = 0;
  std::optional<std::int64_t> last_heard_ms;  // ago; nothing: never
};

struct ProblemRow {
  std::string where;
  std::string reason;
  std::string message;
};

struct StatusReport {
  std::vector<VipRow> vips;
  std::vector<ServiceRow> services;
  std::vector<NodeRow> nodes;
  std::vector<HeartbeatRow> heartbeats;
  std::vector<ProblemRow> problems;
  bool complete = true;  // every node that was asked has answered
};

[[nodiscard]] StatusReport report_from_agents(const ClusterAnswers& answers);
[[nodiscard]] StatusReport report_from_objects(const ClusterObjects& objects);

[[nodiscard]] std::string to_text(const StatusReport& report, bool colour);
[[nodiscard]] std::string to_json(const StatusReport& report);
[[nodiscard]] int exit_code_of(const StatusReport& report);

}  // namespace lvs::cli
