// Parts of a status that both kinds share. Internal to operator/status.
#pragma once

#include <string>
#include <vector>

#include "api/status.h"
#include "core/diagnostic.h"
#include "operator/status/build_status.h"

namespace lvs {

// What a condition says, before it has a time.
struct Verdict {
  std::string status;  // True, False, Unknown
  std::string reason;
  std::string message;
};
[[nodiscard]] Verdict yes(std::string reason, std::string message);
[[nodiscard]] Verdict no(std::string reason, std::string message);
[[nodiscard]] Verdict unknown(std::string reason, std::string message);

[[nodiscard]] const Condition* find_condition(const std::vector<Condition>* conditions,
                                              const std::string& type);
// Its time is the one of `before` unless the status has changed.
[[nodiscard]] Condition make_condition(const std::string& type, Verdict verdict,
                                       std::int64_t generation,
                                       const std::vector<Condition>* before, WallTime now);

[[nodiscard]] bool has_error(const Diagnostics& diagnostics);
// Accepted, from the diagnostics; warnings are told in the message.
[[nodiscard]] Verdict accepted(const Diagnostics& diagnostics);

// "a, b and 3 more".
[[nodiscard]] std::string enumerate(const std::vector<std::string>& names);
// "a,b,c": for printer columns.
[[nodiscard]] std::string join(const std::vector<std::string>& parts);

// What a node's plan and report are, null where there is none.
[[nodiscard]] const HashedPlan* plan_of(const StatusSources& sources, const std::string& node);
[[nodiscard]] const NodeStatus* report_of(const StatusSources& sources, const std::string& node);

// What is known to be wrong with a node, to be put behind a message: "; Node n: ..."; empty:
// nothing.
[[nodiscard]] std::string remarks_on(const StatusSources& sources, const std::string& node);

enum class ServerState {
  kServing,
  kDown,
  kForcedDown,
  kPreparing,
  kDraining,
  kQuiesced,
  kNotAccepted
};
[[nodiscard]] const char* to_string(ServerState state);
// Of a real server in one port of a VirtualService; with several VIPs the least ready.
[[nodiscard]] ServerState server_state(const StatusSources& sources, const VirtualService& service,
                                       const PortSpec& port, const RealServer& server);
[[nodiscard]] std::vector<IpAddress> addresses_of(const StatusSources& sources,
                                                  const RealServer& server);

}  // namespace lvs
