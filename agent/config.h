// The agent's command line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "core/election/config.h"
#include "core/probe_path.h"
#include "core/sync.h"
#include "http/server.h"
#include "telemetry/log.h"

namespace lvs {

struct AgentConfig {
  std::string node;
  std::vector<TcpListen> listen;
  std::string state_folder = "/var/lib/lvs-agent";
  std::string run_folder = "/run/lvs-agent";
  std::string metrics_listen;  // empty: none
  bool metrics_per_destination = true;
  std::optional<TcpListen> health_listen;
  std::string sysctl_root = "/proc/sys/net";
  Duration reconcile_interval{10'000};
  ElectionConfig election;  // without Leases unless they are asked for
  std::string kubeconfig;   // empty: the pod's own
  std::string lease_namespace = "lvs-operator";
  std::uint16_t heartbeat_port = 9442;
  std::string heartbeat_key_file;  // empty: no heartbeats
  std::string check_files = "/etc/lvs-agent/checks";
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kLogfmt;
  SyncOptions sync;
  std::uint32_t probe_marks = kDefaultProbeMarks;
  bool cleanup = false;  // remove everything that is ours, then end
};

// The process ends at once with this code; what there was to say has been said.
struct ExitNow {
  int code = 0;
};

[[nodiscard]] std::variant<AgentConfig, ExitNow> parse_command_line(int argc,
                                                                    const char* const* argv);

}  // namespace lvs
