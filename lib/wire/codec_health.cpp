// How a service's real servers are checked: "health": {...} of a service's header. The fields of a
// kind stand beside the common ones, by the names of for_each_field; an agent that was updated
// still reads the plan that it kept on disk, so a member that is absent has its default.
#include "wire/codec_parts.h"

namespace lvs {
namespace {

constexpr std::uint64_t kMostCheckPort = 0xffff;
constexpr std::uint64_t kMostStatus = 599;
constexpr std::uint64_t kMostInARow = 100;
constexpr std::uint64_t kMostPercent = 100;
constexpr std::uint64_t kMostCheckMs = std::uint64_t{24} * 60 * 60 * 1000;
constexpr std::size_t kMostRanges = 16;
constexpr std::size_t kMostCheckHeaders = 16;

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

struct CheckWriter {
  JsonWriter& out;

  void operator()(std::string_view key, const std::string& text) const { out.member(key, text); }
  void operator()(std::string_view key, bool flag) const { out.optional_flag(key, flag); }
  void operator()(std::string_view key, const std::vector<StatusRange>& ranges) const {
    out.key(key);
    out.begin_array();
    for (const StatusRange& range : ranges) out.number(packed(range));
    out.end_array();
  }
  void operator()(std::string_view key, const std::vector<HttpHeader>& headers) const {
    if (headers.empty()) return;
    out.key(key);
    out.begin_array();
    for (const HttpHeader& header : headers) {
      out.begin_object();
      out.member("name", header.name);
      out.member("value", header.value);
      out.end_object();
    }
    out.end_array();
  }
  void operator()(std::string_view key, const std::optional<IpAddress>& address) const {
    if (address) out.member(key, address->to_string());
  }
  void operator()(std::string_view key, const std::optional<TlsOptions>& tls) const {
    if (!tls) return;
    out.key(key);
    out.begin_object();
    for_each_field(*tls, *this);
    out.end_object();
  }
};

struct CheckReader {
  Fields& in;

  void operator()(std::string_view key, std::string& text) const {
    if (in.has(key)) text = in.optional_text(key);
  }
  void operator()(std::string_view key, bool& flag) const { flag = in.optional_flag(key); }
  void operator()(std::string_view key, std::vector<StatusRange>& ranges) const;
  void operator()(std::string_view key, std::vector<HttpHeader>& headers) const;
  void operator()(std::string_view key, std::optional<IpAddress>& address) const {
    if (in.has(key)) address = in.address(key);
  }
  void operator()(std::string_view key, std::optional<TlsOptions>& tls) const;
};

void CheckReader::operator()(std::string_view key, std::vector<StatusRange>& ranges) const {
  const nlohmann::json* list = in.part(key);
  if (list == nullptr) return;
  if (!list->is_array() || list->size() > kMostRanges) {
    return in.refuse(key, "must be a list of at most 16 ranges");
  }
  ranges.clear();
  for (const auto& item : *list) {
    const auto range = item.is_number_unsigned() ? item.get<std::uint64_t>() : 0;
    if (range / 1000 > range % 1000 || range / 1000 < 100 || range % 1000 > kMostStatus) {
      return in.refuse(key, "must be ranges of HTTP statuses like 200299");
    }
    ranges.push_back({static_cast<int>(range / 1000), static_cast<int>(range % 1000)});
  }
}

void CheckReader::operator()(std::string_view key, std::vector<HttpHeader>& headers) const {
  const nlohmann::json* list = in.part(key);
  if (list == nullptr) return;
  if (!list->is_array() || list->size() > kMostCheckHeaders) {
    return in.refuse(key, "must be a list of at most 16 headers");
  }
  for (const auto& item : *list) {
    Fields fields(item, key);
    HttpHeader& header = headers.emplace_back();
    header.name = fields.text("name");
    header.value = fields.optional_text("value");
    if (const auto read = fields.finish(); !read) return in.refuse(key, read.error().message);
  }
}

void CheckReader::operator()(std::string_view key, std::optional<TlsOptions>& tls) const {
  const nlohmann::json* object = in.part(key);
  if (object == nullptr || !tls) {
    if (tls || object != nullptr) in.refuse(key, "must be there with HTTPS, and only then");
    return;
  }
  Fields fields(*object, key);
  for_each_field(*tls, CheckReader{fields});
  if (const auto finished = fields.finish(); !finished) in.refuse(key, finished.error().message);
}

void read_check(Fields& in, HealthCheckSpec& check) {
  const std::string type = in.text("type");
  const auto kind = check_of_type(type);
  if (!kind) return in.refuse("type", "no such check: " + type);
  check.kind = *kind;
  std::visit([&in](auto& each) { for_each_field(each, CheckReader{in}); }, check.kind);
  const auto port = static_cast<std::uint16_t>(in.optional_number("port", 0, kMostCheckPort));
  if (port != 0) check.port = port;
  if (in.optional_flag("inPath")) check.target = CheckTarget::kInPath;
  check.interval = read_ms(in, "intervalMs");
  check.timeout = read_ms(in, "timeoutMs");
  if (in.has("fastIntervalMs")) check.fast_interval = read_ms(in, "fastIntervalMs");
  check.rise = static_cast<int>(in.number("rise", kMostInARow));
  check.fall = static_cast<int>(in.number("fall", kMostInARow));
}

}  // namespace

void write_health(JsonWriter& out, const PlannedHealth& health) {
  const HealthCheckSpec& check = health.check;
  out.key("health");
  out.begin_object();
  out.member("type", type_of(check.kind));
  std::visit([&out](const auto& each) { for_each_field(each, CheckWriter{out}); }, check.kind);
  out.optional("port", check.port.value_or(0));
  out.optional_flag("inPath", check.target == CheckTarget::kInPath);
  write_duration(out, "intervalMs", check.interval);
  write_duration(out, "timeoutMs", check.timeout);
  if (check.fast_interval) write_duration(out, "fastIntervalMs", *check.fast_interval);
  out.member("rise", static_cast<std::uint64_t>(check.rise));
  out.member("fall", static_cast<std::uint64_t>(check.fall));
  out.member("failOpenPercent", static_cast<std::uint64_t>(health.fail_open_percent));
  out.optional_flag("removeFailed", health.on_failure == OnFailure::kRemove);
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
  read_check(fields, health.check);
  health.fail_open_percent = static_cast<int>(fields.number("failOpenPercent", kMostPercent));
  if (fields.optional_flag("removeFailed")) health.on_failure = OnFailure::kRemove;
  if (const auto finished = fields.finish(); !finished) {
    in.refuse("health", finished.error().message);
  }
  return health;
}

}  // namespace lvs
