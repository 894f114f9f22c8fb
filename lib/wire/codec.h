// The protocol between operator and agent, and between lvsctl and agent, as JSON.
//
// Encoding is compact and canonical (one value, one text). Decoding is for bytes from outside: it
// checks every field, bounds everything, and never holds more of a plan as a JSON tree than one
// service, so that a plan of 100,000 destinations costs little more memory than itself.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "core/plan.h"
#include "core/report.h"
#include "wire/node_state.h"

namespace lvs {

[[nodiscard]] std::string encode(const NodePlan& plan);
[[nodiscard]] Result<NodePlan> decode_plan(std::string_view json);

[[nodiscard]] std::string encode(const PlanPatch& patch);
[[nodiscard]] Result<PlanPatch> decode_patch(std::string_view json);

[[nodiscard]] std::string encode(const NodeStatus& status);
[[nodiscard]] Result<NodeStatus> decode_status(std::string_view json);

[[nodiscard]] std::string encode(const NodeState& state);
[[nodiscard]] Result<NodeState> decode_state(std::string_view json);

}  // namespace lvs
