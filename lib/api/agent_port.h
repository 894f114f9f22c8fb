// The port that a Node's annotation gives its agent.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace lvs {

// 1 to 65535 in decimal; nothing else.
[[nodiscard]] std::optional<std::uint16_t> parse_agent_port(std::string_view text);

}  // namespace lvs
