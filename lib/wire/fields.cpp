#include "wire/fields.h"

#include <algorithm>

namespace lvs {
namespace {

using Json = nlohmann::json;

// Longer than any name, path or message that the two ends send each other.
constexpr std::size_t kLongestText = 64U << 10U;

const Json& empty_object() {
  static const Json kEmpty = Json::object();
  return kEmpty;
}

}  // namespace

Fields::Fields(const Json& object, std::string_view place)
    : object_(object.is_object() ? object : empty_object()), place_(place) {
  if (!object.is_object()) refuse_object("must be an object");
}

void Fields::refuse_object(std::string_view message) {
  if (problem_) return;
  problem_ = Error{ErrorCode::kInvalidArgument, std::string(place_) + ": " + std::string(message)};
}

void Fields::refuse(std::string_view key, std::string_view message) {
  if (problem_) return;
  std::string where(place_);
  if (!where.empty()) where += '.';
  problem_ =
      Error{ErrorCode::kInvalidArgument, where + std::string(key) + ": " + std::string(message)};
}

const Json* Fields::find(std::string_view key, bool required) {
  known_.push_back(key);
  const auto found = object_.find(key);
  if (found != object_.end()) return &*found;
  if (required) refuse(key, "is missing");
  return nullptr;
}

std::string Fields::text(std::string_view key) {
  auto value = optional_text(key);
  if (value.empty()) refuse(key, "must be text that is not empty");
  return value;
}

std::string Fields::optional_text(std::string_view key) {
  const auto* value = find(key, false);
  if (value == nullptr) return {};
  if (!value->is_string()) {
    refuse(key, "must be text");
    return {};
  }
  const auto& text = value->get_ref<const std::string&>();
  if (text.size() > kLongestText) refuse(key, "is too long");
  return text;
}

std::uint64_t Fields::number(std::string_view key, std::uint64_t most) {
  if (find(key, true) == nullptr) return 0;
  return optional_number(key, 0, most);
}

std::uint64_t Fields::optional_number(std::string_view key, std::uint64_t otherwise,
                                      std::uint64_t most) {
  const auto* value = find(key, false);
  if (value == nullptr) return otherwise;
  if (!value->is_number_unsigned() || value->get<std::uint64_t>() > most) {
    refuse(key, "must be a whole number from 0 to " + std::to_string(most));
    return otherwise;
  }
  return value->get<std::uint64_t>();
}

bool Fields::flag(std::string_view key) { return find(key, true) != nullptr && optional_flag(key); }

bool Fields::optional_flag(std::string_view key) {
  const auto* value = find(key, false);
  if (value == nullptr) return false;
  if (!value->is_boolean()) {
    refuse(key, "must be true or false");
    return false;
  }
  return value->get<bool>();
}

IpAddress Fields::address(std::string_view key) {
  const auto parsed = IpAddress::parse(text(key));
  if (parsed) return *parsed;
  refuse(key, "must be an IP address");
  return {};
}

ContentHash Fields::hash(std::string_view key) {
  const auto parsed = ContentHash::parse(text(key));
  if (parsed) return *parsed;
  refuse(key, "must be a hash of 32 hexadecimal digits");
  return {};
}

std::vector<std::string> Fields::texts(std::string_view key, std::size_t most) {
  std::vector<std::string> result;
  const auto* list = find(key, false);
  if (list == nullptr) return result;
  if (!list->is_array() || list->size() > most) {
    refuse(key, "must be a list of at most " + std::to_string(most) + " texts");
    return result;
  }
  for (const auto& item : *list) {
    if (!item.is_string() || item.get_ref<const std::string&>().empty()) {
      refuse(key, "must be a list of texts that are not empty");
      return result;
    }
    result.push_back(item.get<std::string>());
  }
  return result;
}

const Json* Fields::part(std::string_view key) { return find(key, false); }

Result<void> Fields::finish() const {
  if (problem_) return tl::unexpected<Error>(*problem_);
  for (const auto& [key, value] : object_.items()) {
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    return fail(ErrorCode::kInvalidArgument,
                std::string(place_) + ": \"" + key + "\" is not known; is one side newer?");
  }
  return {};
}

}  // namespace lvs
