// What plans, patches, status and state have in common on the wire. Internal to lib/wire.
#pragma once

#include <string>
#include <string_view>

#include "core/plan.h"
#include "wire/fields.h"
#include "wire/json_stream.h"
#include "wire/json_writer.h"

namespace lvs {

inline constexpr std::uint64_t kWireVersion = 1;

// Each writes members into the object that is open, and reads the same ones back.
void write_service_key(JsonWriter& out, const ServiceKey& key);
[[nodiscard]] ServiceKey read_service_key(Fields& in);
void write_service_config(JsonWriter& out, const ServiceConfig& config);
[[nodiscard]] ServiceConfig read_service_config(Fields& in);
void write_destination_key(JsonWriter& out, const DestinationKey& key);
[[nodiscard]] DestinationKey read_destination_key(Fields& in);
void write_destination_config(JsonWriter& out, const DestinationConfig& config);
[[nodiscard]] DestinationConfig read_destination_config(Fields& in);
void write_header(JsonWriter& out, const PlannedServiceHeader& header);
[[nodiscard]] PlannedServiceHeader read_header(Fields& in);
void write_health(JsonWriter& out, const PlannedHealth& health);
[[nodiscard]] PlannedHealth read_health(Fields& in);
void write_vip(JsonWriter& out, const PlannedVip& vip);
[[nodiscard]] PlannedVip read_vip(Fields& in);
void write_director(JsonWriter& out, const PlannedDirector& director);
PlannedDirector read_director(Fields& in);
void write_backend(JsonWriter& out, const PlannedBackend& backend);
[[nodiscard]] PlannedBackend read_backend(Fields& in);

// "shop/web".
[[nodiscard]] std::string object_text(const ObjectKey& key);
[[nodiscard]] ObjectKey read_object(Fields& in, std::string_view key);
[[nodiscard]] Result<ObjectKey> parse_object(std::string_view text);

[[nodiscard]] std::string_view to_string(Admission admission);
[[nodiscard]] std::optional<Admission> parse_admission(std::string_view text);

void read_version(Fields& in);

// The error of `what` as the peer reads it: "plan: <message>".
template <typename T>
[[nodiscard]] Result<T> named(std::string_view what, Result<T> result) {
  if (result) return result;
  return fail_at(std::string(what), result.error());
}

}  // namespace lvs
