// What reaches the agent loop. Replies run on the loop's thread: they hand the answer on and
// return.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "agent/health/health_port.h"
#include "agent/statistics.h"
#include "base/clock.h"
#include "core/election/event.h"
#include "core/plan.h"
#include "core/report.h"
#include "wire/duty_request.h"
#include "wire/node_state.h"

namespace lvs {

enum class PlanVerdict {
  kStored,
  kFenced,        // a higher term was seen, or the plan is for another node
  kHashMismatch,  // the patch does not start from our plan: send it whole
  kNotStored,     // the disk refused
};

struct PlanAnswer {
  PlanVerdict verdict = PlanVerdict::kStored;
  ContentHash hash;     // of the plan that is stored now
  std::string message;  // why not
};
using PlanReply = std::function<void(const PlanAnswer&)>;

struct PlanArrived {
  NodePlan plan;
  std::string body;  // as it came, for the disk
  PlanReply reply;
  TimePoint received;  // its last byte, before it was decoded
};
struct PatchArrived {
  PlanPatch patch;
  std::string body;
  PlanReply reply;
  TimePoint received;
};
struct StatusPolled {
  std::optional<std::uint64_t> after;  // nothing: answer at once
  std::function<void(const NodeStatus&, std::uint64_t revision)> reply;
};
struct StatisticsRequested {
  StatisticsReply reply;
};
struct StateRequested {
  std::function<void(Result<NodeState>)> reply;
};
// Not done, for the reason that the answer gives.
using DutyReply = std::function<void(const Result<void>&)>;
struct DrainAsked {
  DrainRequest request;
  DutyReply reply;
};
struct MoveAsked {
  MoveRequest request;
  DutyReply reply;
};
struct HealthAsked {
  // What the agent is not ready for yet; empty: it is ready.
  std::function<void(const std::string& not_ready)> reply;
};
struct NetworkChanged {};
// From the other directors, the wire or the API server.
struct ElectionHeard {
  ElectionEvent event;
};
struct StopRequested {};

using AgentMessage = std::variant<PlanArrived, PatchArrived, StatusPolled, StateRequested,
                                  StatisticsRequested, DrainAsked, MoveAsked, HealthAsked,
                                  PoolHealthHeard, NetworkChanged, ElectionHeard, StopRequested>;

}  // namespace lvs
