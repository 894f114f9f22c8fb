// JSON to resources and status to JSON. Decoding is strict the way a structural schema is: a wrong
// type, a missing required field or an unknown enum value is an error that names object and field;
// defaults of the schema are filled in. Unknown fields are refused when `unknown` says so (files),
// and ignored otherwise (the API server has pruned them already).
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "api/resources.h"
#include "api/status.h"

namespace lvs {

enum class UnknownFields { kIgnore, kRefuse };

// Any of the kinds, by its apiVersion and kind.
[[nodiscard]] Result<Resource> decode_resource(const nlohmann::json& object, UnknownFields unknown);
[[nodiscard]] Result<Resource> decode_resource(std::string_view json_text, UnknownFields unknown);

// The body of a server-side apply on the status subresource.
[[nodiscard]] std::string encode_status_patch(const ObjectKey& key,
                                              const VirtualServiceStatus& status);
[[nodiscard]] std::string encode_status_patch(const ObjectKey& key, const RealServerStatus& status);

// The status within an object of the API server; what cannot be read is left out.
[[nodiscard]] VirtualServiceStatus decode_virtual_service_status(const nlohmann::json& object);
[[nodiscard]] RealServerStatus decode_real_server_status(const nlohmann::json& object);

}  // namespace lvs
