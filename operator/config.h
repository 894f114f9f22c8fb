// The operator's command line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "http/server.h"
#include "telemetry/log.h"

namespace lvs {

struct OperatorConfig {
  std::string directory;  // of manifests; empty: the API server is the source
  std::string kubeconfig;
  std::string context;
  std::string ns;  // of VirtualServices and RealServers; empty: all
  std::string tls_certificate;
  std::string tls_key;
  std::string tls_ca;
  std::string only_node;       // push to (or print) this node only; empty: all
  std::string agent_tls_name;  // in the certificates of all agents; empty: the node's own name
  std::string metrics_listen;  // empty: none
  std::optional<TcpListen> health_listen;
  std::string status_file;  // empty: none
  std::uint64_t term = 1;
  bool leader_elect = false;  // the term is the Lease's
  std::string lease_namespace = "lvs-operator";
  std::uint32_t lease_seconds = 15;
  bool accept_mass_deletion = false;
  bool dry_run = false;
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kLogfmt;

  [[nodiscard]] bool from_directory() const { return !directory.empty(); }
};

// The process ends at once with this code; what there was to say has been said.
struct ExitNow {
  int code = 0;
};

[[nodiscard]] std::variant<OperatorConfig, ExitNow> parse_command_line(int argc,
                                                                       const char* const* argv);

}  // namespace lvs
