// What people ask of a director by lvsctl where there is no API server to carry it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "core/plan.h"

namespace lvs {

// Move the VIP away from this node, if it has it in that term.
struct MoveRequest {
  IpAddress vip;
  PlannedMove move;

  bool operator==(const MoveRequest&) const = default;
};

// Hand over everything and take nothing; false: serve again. Kept over restarts of the agent.
struct DrainRequest {
  bool drained = false;

  bool operator==(const DrainRequest&) const = default;
};

[[nodiscard]] std::string encode(const MoveRequest& request);
[[nodiscard]] std::string encode(const DrainRequest& request);
[[nodiscard]] Result<MoveRequest> decode_move_request(std::string_view json);
[[nodiscard]] Result<DrainRequest> decode_drain_request(std::string_view json);

}  // namespace lvs
