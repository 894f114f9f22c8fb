#include "api/yaml.h"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include <nlohmann/json.hpp>
#include <yaml-cpp/yaml.h>

namespace lvs {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxBytes = std::size_t{32} << 20U;
constexpr int kMaxDepth = 64;
// Nodes after aliases are followed: what a document may grow to.
constexpr std::size_t kMaxNodes = 4'000'000;

std::string place_of(const std::string& file, const YAML::Mark& mark) {
  return mark.is_null() ? file : file + ":" + std::to_string(mark.line + 1);
}

// The whole text as a number, or nothing.
template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  if (text.size() > 1 && text.front() == '+') text.remove_prefix(1);
  Number value{};
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || rest != end) return std::nullopt;
  return value;
}

bool is_one_of(std::string_view text, const std::array<std::string_view, 3>& words) {
  return text == words[0] || text == words[1] || text == words[2];
}

bool looks_numeric(std::string_view text) {
  return text.find_first_not_of("+-.0123456789eE") == std::string_view::npos &&
         text.find_first_of("0123456789") != std::string_view::npos;
}

// A plain (unquoted) scalar by YAML's core schema; anything that is not null, a boolean or a finite
// number is text. "yes", "on" and 0o17 stay text, so that nothing is guessed.
Json plain_scalar(const std::string& text) {
  if (text.empty() || text == "~" || is_one_of(text, {"null", "Null", "NULL"})) return nullptr;
  if (is_one_of(text, {"true", "True", "TRUE"})) return true;
  if (is_one_of(text, {"false", "False", "FALSE"})) return false;
  if (!looks_numeric(text)) return text;
  if (const auto integer = parse_number<std::int64_t>(text)) return *integer;
  if (const auto real = parse_number<double>(text); real && std::isfinite(*real)) return *real;
  return text;
}

// One YAML document as JSON; bounded in depth and in size after aliases are followed.
class JsonConverter {
 public:
  explicit JsonConverter(const std::string& file) : file_(file) {}

  Result<Json> convert(const YAML::Node& node, int depth = 0) {
    if (depth > kMaxDepth) return refuse(node, "nested deeper than 64 levels");
    if (++nodes_ > kMaxNodes) return refuse(node, "grows too large when its aliases are followed");
    switch (node.Type()) {
      case YAML::NodeType::Scalar:
        return node.Tag() == "?" ? plain_scalar(node.Scalar()) : Json(node.Scalar());
      case YAML::NodeType::Sequence:
        return convert_sequence(node, depth);
      case YAML::NodeType::Map:
        return convert_map(node, depth);
      case YAML::NodeType::Null:
      case YAML::NodeType::Undefined:
        break;
    }
    return Json(nullptr);
  }

 private:
  [[nodiscard]] tl::unexpected<Error> refuse(const YAML::Node& node, const std::string& why) const {
    return fail(ErrorCode::kInvalidArgument, place_of(file_, node.Mark()) + ": " + why);
  }

  Result<Json> convert_sequence(const YAML::Node& node, int depth) {
    Json array = Json::array();
    for (const auto& item : node) {
      auto value = convert(item, depth + 1);
      if (!value) return value;
      array.push_back(std::move(*value));
    }
    return array;
  }

  Result<Json> convert_map(const YAML::Node& node, int depth) {
    Json object = Json::object();
    for (const auto& item : node) {
      if (!item.first.IsScalar()) return refuse(item.first, "a key must be a plain text");
      const std::string& key = item.first.Scalar();
      if (object.contains(key)) return refuse(item.first, "the key \"" + key + "\" is there twice");
      auto value = convert(item.second, depth + 1);
      if (!value) return value;
      object[key] = std::move(*value);
    }
    return object;
  }

  const std::string& file_;
  std::size_t nodes_ = 0;
};

}  // namespace

Result<std::string> yaml_to_json(std::string_view text, const std::string& file) {
  if (text.size() > kMaxBytes) {
    return fail(ErrorCode::kInvalidArgument, file + ": larger than 32 MiB");
  }
  try {
    const YAML::Node document = YAML::Load(std::string(text));
    return JsonConverter(file).convert(document).map(
        [](const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); });
  } catch (const YAML::Exception& e) {
    return fail(ErrorCode::kInvalidArgument, place_of(file, e.mark) + ": " + e.msg);
  }
}

}  // namespace lvs
