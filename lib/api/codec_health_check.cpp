// Health checks, of a service and of a port.
#include <array>
#include <string>

#include "api/codec_internal.h"
#include "api/codec_words.h"

namespace lvs {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMostStatuses = 16;
constexpr std::size_t kLongestPath = 1024;

bool is_status(std::string_view text) {
  return text.size() == 3 && text[0] >= '1' && text[0] <= '5' &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

// 200, "200" or "200-299".
void read_status_range(const JsonValue& value, std::vector<StatusRange>& out) {
  static constexpr const char* kMessage =
      "not an HTTP status; write 100 to 599 like 200, or a range like 200-299";
  if (value.json().is_number()) {
    const auto status = value.integer(100, 599, kMessage);
    if (status) out.push_back({static_cast<int>(*status), static_cast<int>(*status)});
    return;
  }
  const auto text = value.text();
  if (!text) return;
  const auto dash = text->find('-');
  const std::string first = text->substr(0, dash);
  const std::string last = dash == std::string::npos ? first : text->substr(dash + 1);
  if (!is_status(first) || !is_status(last) || last < first) return value.refuse(kMessage);
  out.push_back({std::stoi(first), std::stoi(last)});
}

void read_http_fields(JsonObject& object, HealthCheckSpec& out) {
  const auto path = object.find("path");
  const auto statuses = object.find("expectStatus");
  if (path) out.path = path->text(kLongestPath).value_or(out.path);
  if (statuses) {
    statuses->for_each_item(kMostStatuses, [&out](const JsonValue& item) {
      read_status_range(item, out.expect_status);
    });
    if (statuses->json().empty()) {
      statuses->refuse("no status would be healthy; write at least one, for example 200-299");
    }
  }
  if (out.type != "TCP") return;
  if (path) path->refuse("a TCP check has no path; remove path, or write type: HTTP");
  if (statuses)
    statuses->refuse("a TCP check has no status; remove expectStatus, or write type: HTTP");
}

}  // namespace

void read_health_check(const JsonValue& value, std::optional<HealthCheckSpec>& out) {
  static constexpr std::array<std::string_view, 2> kTypes{"TCP", "HTTP"};
  HealthCheckSpec& check = out.emplace();
  JsonObject object(value);
  if (const auto type = object.require("type")) {
    read_word(*type, any_of(kTypes), kTypes, check.type);
  }
  read_http_fields(object, check);
  std::uint16_t port = 0;
  object.read("port", 1, 65535, "not a port to probe; write 1 to 65535", port);
  if (port != 0) check.port = port;
  object.read("interval", 10ms, 24h, "the interval is out of range; write 10ms to 24h",
              check.interval);
  object.read("timeout", 10ms, Duration::max(), "the timeout is too short; write 10ms or more",
              check.timeout);
  object.read("rise", 1, 100, "rise is out of range; write 1 to 100", check.rise);
  object.read("fall", 1, 100, "fall is out of range; write 1 to 100", check.fall);
  object.done();
  if (check.type == "HTTP" && check.expect_status.empty()) check.expect_status.emplace_back();
}

}  // namespace lvs
