// The status as the loop's parts make it.
#pragma once

#include <string>

#include "agent/election_report.h"
#include "agent/network_keeper.h"
#include "agent/plan_desk.h"
#include "agent/problems.h"
#include "agent/programmer.h"
#include "core/report.h"

namespace lvs {

struct AgentIdentity {
  std::string node;
  std::string version;
  std::string instance;    // changes with every start
  std::uint64_t boot = 0;  // the same as a number that grows: among directors
};

struct StatusSources {
  const AgentIdentity& identity;
  const PlanDesk& desk;
  const Programmer& programmer;
  const NetworkKeeper& network;
  const ElectionReport& election;
  const Problems& problems;
  const ContentHash& applied;  // the last plan of which everything was tried
};

[[nodiscard]] NodeStatus build_status(const StatusSources& sources);

}  // namespace lvs
