// NodeState: what one node's kernel holds and what its agent wants, for people and lvsctl.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "core/observed.h"
#include "core/report.h"

namespace lvs {

// Another director as this one hears it. Counts are since this agent started.
struct PeerReport {
  std::string node;
  bool heard = false;      // now
  bool warm = false;       // its connection table is complete
  bool available = false;  // neither drained nor leaving
  Duration round_trip{0};
  std::optional<Duration> last_heard;  // ago; nothing: never
  std::uint64_t received = 0;
  std::uint64_t lost = 0;     // gaps in its sequence
  std::uint64_t ignored = 0;  // late or repeated

  bool operator==(const PeerReport&) const = default;
};

// Of this node, with all others.
struct HeartbeatCounts {
  std::uint64_t sent = 0;      // datagrams
  std::uint64_t received = 0;  // heartbeats that were believed
  std::map<std::string, std::uint64_t>
      troubles;  // "bad_mac": how often; what never happened is not there

  bool operator==(const HeartbeatCounts&) const = default;
};

struct NodeState {
  NodeStatus status;
  std::vector<ObservedService> services;  // all of the kernel's, foreign ones too
  std::vector<ObservedAddress> addresses;
  std::vector<ObservedArp> arp;
  // What the agent would do now, one line each in ipvsadm and ip syntax; empty: the kernel is
  // right.
  std::vector<std::string> pending;
  std::vector<PeerReport> peers;
  HeartbeatCounts heartbeats;
};

}  // namespace lvs
