// Asking agents: where they are, and all of them at the same time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "cli/node_answers.h"
#include "core/snapshot.h"
#include "http/client.h"

namespace lvs::cli {

inline constexpr const char* kAgentSocket = "/run/lvs-agent/agent.sock";

struct AgentTls {
  std::string certificate_file;
  std::string key_file;
  std::string ca_file;
  std::string server_name{};  // in the certificates of all agents; empty: the node's own
};

// Where one agent listens: a URL's host and port, or a Unix socket.
struct AgentTarget {
  std::string node;  // empty: the agent's own name is taken
  std::string host;  // as in a URL (an IPv6 address in brackets); empty: a Unix socket
  std::uint16_t port = 0;
  std::string socket_path;
  std::string problem;  // why there is nowhere to ask; empty otherwise

  [[nodiscard]] std::string endpoint() const;
};

// Pure. "director-1", "director-1:9440", "192.0.2.1:9440", "[2001:db8::1]:9440", "2001:db8::1",
// "unix:/path" or "/path".
[[nodiscard]] Result<AgentTarget> parse_target(const std::string& text);

// Pure. The nodes that have something to do: directors, and nodes of real servers. By name.
[[nodiscard]] std::vector<AgentTarget> targets_of(const ClusterSnapshot& snapshot);

[[nodiscard]] Result<std::unique_ptr<HttpClient>> connect_agent(const AgentTarget& target,
                                                                const AgentTls& tls);

// All at the same time; returns when all have answered or `timeout` is over for them.
[[nodiscard]] std::vector<NodeAnswer> ask_agents(const std::vector<AgentTarget>& targets,
                                                 const AgentTls& tls, Duration timeout);

}  // namespace lvs::cli
