// How a service's real servers are checked: "health": {...} of a service's header.
#include "wire/codec_parts.h"

namespace lvs {
namespace {

constexpr std::uint64_t kMostCheckPort = 0xffff;
constexpr std::uint64_t kMostStatus = 599;
constexpr std::uint64_t kMostInARow = 100;
constexpr std::uint64_t kMostPercent = 100;
constexpr std::uint64_t kMostCheckMs = std::uint64_t{24} * 60 * 60 * 1000;
constexpr std::size_t kMostRanges = 16;

void write_duration(JsonWriter& out, std::string_view key, Duration duration) {
  out.member(key, static_cast<std::uint64_t>(duration.count()));
}

Duration read_ms(Fields& in, std::string_view key) {
  return Duration(static_cast<Duration::rep>(in.number(key, kMostCheckMs)));
}

// 200 to 299 is 200299: numbers need no parser of their own.
std::uint64_t packed(const StatusRange& range) {
  return static_cast<std::uint64_t>(range.first) * 1000 + static_cast<std::uint64_t>(range.last);
}

void read_statuses(Fields& in, HealthCheckSpec& check) {
  const nlohmann::json* list = in.part("statuses");
  if (list == nullptr) return;
  if (!list->is_array() || list->size() > kMostRanges) {
    return in.refuse("statuses", "must be a list of at most 16 ranges");
  }
  for (const auto& item : *list) {
    const auto range = item.is_number_unsigned() ? item.get<std::uint64_t>() : 0;
    if (range / 1000 > range % 1000 || range / 1000 < 100 || range % 1000 > kMostStatus) {
      return in.refuse("statuses", "must be ranges of HTTP statuses like 200299");
    }
    check.expect_status.push_back({static_cast<int>(range / 1000), static_cast<int>(range % 1000)});
  }
}

}  // namespace

void write_health(JsonWriter& out, const PlannedHealth& health) {
  const HealthCheckSpec& check = health.check;
  out.key("health");
  out.begin_object();
  out.member("type", check.type);
  out.optional("path", check.path);
  if (!check.expect_status.empty()) {
    out.key("statuses");
    out.begin_array();
    for (const StatusRange& range : check.expect_status) out.number(packed(range));
    out.end_array();
  }
  out.optional("port", check.port.value_or(0));
  write_duration(out, "intervalMs", check.interval);
  write_duration(out, "timeoutMs", check.timeout);
  out.member("rise", static_cast<std::uint64_t>(check.rise));
  out.member("fall", static_cast<std::uint64_t>(check.fall));
  out.member("failOpenPercent", static_cast<std::uint64_t>(health.fail_open_percent));
  out.end_object();
}

PlannedHealth read_health(Fields& in) {
  PlannedHealth health;
  const nlohmann::json* part = in.part("health");
  if (part == nullptr || !part->is_object()) {
    in.refuse("health", "must be an object");
    return health;
  }
  Fields fields(*part, "health");
  HealthCheckSpec& check = health.check;
  check.type = fields.text("type");
  check.path = fields.optional_text("path");
  read_statuses(fields, check);
  const auto port = static_cast<std::uint16_t>(fields.optional_number("port", 0, kMostCheckPort));
  if (port != 0) check.port = port;
  check.interval = read_ms(fields, "intervalMs");
  check.timeout = read_ms(fields, "timeoutMs");
  check.rise = static_cast<int>(fields.number("rise", kMostInARow));
  check.fall = static_cast<int>(fields.number("fall", kMostInARow));
  health.fail_open_percent = static_cast<int>(fields.number("failOpenPercent", kMostPercent));
  if (const auto finished = fields.finish(); !finished) {
    in.refuse("health", finished.error().message);
  }
  return health;
}

}  // namespace lvs
