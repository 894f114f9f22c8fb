#include "api/json_reader.h"

#include <algorithm>

#include "base/duration.h"

namespace lvs {
namespace {

// maxLength in the schemas.
constexpr std::size_t kLongestDuration = 20;
constexpr std::size_t kLongestAddress = 45;

std::string wrong_type(const char* wanted, const Json& found) {
  return std::string("must be of type ") + wanted + ", not " + found.type_name();
}

}  // namespace

std::string FieldPath::to_string() const {
  std::string text = parent == nullptr ? "" : parent->to_string();
  if (key.empty()) return parent == nullptr ? text : text + "[" + std::to_string(index) + "]";
  const bool plain = key.find('.') == std::string_view::npos;
  if (!plain) return text + "[" + std::string(key) + "]";
  return text.append(text.empty() ? "" : ".").append(key);
}

Json::json_pointer FieldPath::to_pointer() const {
  if (parent == nullptr && key.empty()) return Json::json_pointer();
  Json::json_pointer pointer = parent == nullptr ? Json::json_pointer() : parent->to_pointer();
  if (key.empty()) return pointer / index;
  return pointer / std::string(key);
}

void JsonValue::refuse(const std::string& message) const {
  const std::string field = path_.to_string();
  log_.problems.push_back({path_.to_pointer(), field.empty() ? message : field + ": " + message});
}

void JsonValue::refuse_member(std::string_view key, const std::string& message) const {
  JsonValue(json_, FieldPath{&path_, key, 0}, log_).refuse(message);
}

void JsonValue::refuse_unknown(std::string_view key) const {
  const FieldPath path{&path_, key, 0};
  log_.problems.push_back({path.to_pointer(), "unknown field \"" + path.to_string() +
                                                  "\"; correct its name, or remove it"});
}

std::optional<std::string> JsonValue::text() const {
  if (json_.is_string()) return json_.get<std::string>();
  refuse(wrong_type("string", json_));
  return std::nullopt;
}

std::optional<std::string> JsonValue::text(std::size_t longest) const {
  auto written = text();
  if (written && written->size() > longest) {
    refuse("Too long: may not be more than " + std::to_string(longest) + " bytes");
    return std::nullopt;
  }
  return written;
}

std::optional<bool> JsonValue::boolean() const {
  if (json_.is_boolean()) return json_.get<bool>();
  refuse(wrong_type("boolean", json_));
  return std::nullopt;
}

std::optional<std::int64_t> JsonValue::integer(std::int64_t least, std::int64_t most,
                                               std::string_view message) const {
  if (!json_.is_number_integer()) {
    refuse(wrong_type("integer", json_));
    return std::nullopt;
  }
  const bool huge =
      json_.is_number_unsigned() && json_.get<std::uint64_t>() > static_cast<std::uint64_t>(most);
  const auto value = json_.get<std::int64_t>();
  if (huge || value < least || value > most) {
    refuse(std::string(message));
    return std::nullopt;
  }
  return value;
}

std::optional<IpAddress> JsonValue::address() const {
  const auto written = text(kLongestAddress);
  if (!written) return std::nullopt;
  const auto parsed = IpAddress::parse(*written);
  if (parsed) return *parsed;
  refuse(parsed.error().message);
  return std::nullopt;
}

std::optional<Duration> JsonValue::duration(Duration least, Duration most,
                                            std::string_view message) const {
  const auto written = text(kLongestDuration);
  if (!written) return std::nullopt;
  const auto parsed = parse_duration(*written);
  if (!parsed) {
    refuse(parsed.error().message);
    return std::nullopt;
  }
  if (*parsed < least || *parsed > most) {
    refuse(std::string(message));
    return std::nullopt;
  }
  return *parsed;
}

bool JsonValue::is_object() const {
  if (json_.is_object()) return true;
  refuse(wrong_type("object", json_));
  return false;
}

bool JsonValue::is_list(std::size_t longest) const {
  if (!json_.is_array()) {
    refuse(wrong_type("array", json_));
    return false;
  }
  if (json_.size() > longest) {
    refuse("Too many: " + std::to_string(json_.size()) + ": must have at most " +
           std::to_string(longest) + " items");
    return false;
  }
  return true;
}

std::optional<JsonValue> JsonObject::find(std::string_view key) {
  if (!usable_) return std::nullopt;
  known_.insert(key);
  const auto member = value_.json().find(key);
  if (member == value_.json().end() || member->is_null()) return std::nullopt;
  return JsonValue(*member, FieldPath{&value_.path(), key, 0}, value_.log());
}

std::optional<JsonValue> JsonObject::require(std::string_view key) {
  auto member = find(key);
  if (!member && usable_) {
    value_.refuse_member(key, "Required value");
  }
  return member;
}

void JsonObject::read(std::string_view key, std::size_t longest, std::string_view message,
                      std::string& out) {
  const auto member = find(key);
  if (!member) return;
  auto value = member->text(longest);
  if (!value) return;
  if (value->empty()) member->refuse(std::string(message));
  out = std::move(*value);
}

void JsonObject::read(std::string_view key, bool& out) {
  const auto member = find(key);
  if (!member) return;
  if (const auto value = member->boolean()) out = *value;
}

void JsonObject::read(std::string_view key, Duration least, Duration most, std::string_view message,
                      Duration& out) {
  const auto member = find(key);
  if (!member) return;
  if (const auto value = member->duration(least, most, message)) out = *value;
}

void JsonObject::done() {
  if (!usable_ || value_.log().unknown == UnknownFields::kIgnore) return;
  for (const auto& [key, member] : value_.json().items()) {
    if (!known_.contains(key)) value_.refuse_unknown(key);
  }
}

}  // namespace lvs
