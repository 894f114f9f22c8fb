// NodeStatus as members of an object, for the status and the state that contains one. Internal to
// lib/wire.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/report.h"
#include "wire/json_writer.h"

namespace lvs {

void write_status(JsonWriter& out, const NodeStatus& status);
[[nodiscard]] Result<NodeStatus> read_status(const nlohmann::json& json, std::string_view place);

}  // namespace lvs
