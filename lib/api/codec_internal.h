// The parts of the codec. Internal to lib/api.
#pragma once

#include "api/json_reader.h"

namespace lvs {

// Any resource, or nothing and the reasons in `log`.
[[nodiscard]] std::optional<Resource> decode_resource(const Json& object, DecodeLog& log);
// "VirtualService shop/web: spec.ports[0].port: <message> | spec.interface: <message>".
[[nodiscard]] Error decode_error(const Json& object, const std::vector<DecodeProblem>& problems);

void read_health_check(const JsonValue& value, std::optional<HealthCheckSpec>& out);
void read_virtual_service_spec(const JsonValue& value, VirtualServiceSpec& out);
void read_real_server_spec(const JsonValue& value, RealServerSpec& out);

}  // namespace lvs
