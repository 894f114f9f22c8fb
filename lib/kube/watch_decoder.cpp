#include "kube/watch_decoder.h"

#include <array>
#include <optional>

#include <nlohmann/json.hpp>

namespace lvs {
namespace {

using Json = nlohmann::json;
using Type = WatchEvent::Type;

constexpr std::array<std::pair<std::string_view, Type>, 5> kTypes{{{"ADDED", Type::kAdded},
                                                                   {"MODIFIED", Type::kModified},
                                                                   {"DELETED", Type::kDeleted},
                                                                   {"BOOKMARK", Type::kBookmark},
                                                                   {"ERROR", Type::kError}}};

std::optional<Type> parse_type(std::string_view text) {
  for (const auto& [name, type] : kTypes) {
    if (name == text) return type;
  }
  return std::nullopt;
}

// The text at object[outer][inner], empty where there is none of that type.
std::string text_at(const Json& object, const char* outer, const char* inner) {
  if (!object.is_object()) return {};
  const auto middle = object.find(outer);
  if (middle == object.end() || !middle->is_object()) return {};
  const auto field = middle->find(inner);
  return field != middle->end() && field->is_string() ? field->get<std::string>() : std::string{};
}

tl::unexpected<Error> corrupt(const std::string& why) { return fail(ErrorCode::kCorrupt, why); }

void read_status(const Json& status, WatchEvent& event) {
  if (!status.is_object()) return;
  if (const auto code = status.find("code"); code != status.end() && code->is_number_integer()) {
    event.error_code = static_cast<int>(code->get<std::int64_t>());
  }
  if (const auto text = status.find("message"); text != status.end() && text->is_string()) {
    event.error_message = text->get<std::string>();
  }
}

}  // namespace

Result<ObjectKey> object_key(const Json& object) {
  ObjectKey key{text_at(object, "metadata", "namespace"), text_at(object, "metadata", "name")};
  if (key.name.empty()) return corrupt("an object without metadata.name");
  return key;
}

Result<WatchEvent> decode_watch_line(std::string_view line, Json& object) {
  if (line.size() > kMaxWatchLine) return corrupt("watch event: longer than 4 MiB");
  Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) return corrupt("watch event: is not a JSON object");
  const auto type_text = json.find("type");
  if (type_text == json.end() || !type_text->is_string()) return corrupt("watch event: no type");
  const auto type = parse_type(type_text->get_ref<const std::string&>());
  if (!type) return corrupt("watch event: unknown type");
  const auto body = json.find("object");
  if (body == json.end() || !body->is_object()) return corrupt("watch event: no object");

  WatchEvent event;
  event.type = *type;
  if (*type == Type::kError) {
    read_status(*body, event);
    return event;
  }
  event.resource_version = text_at(*body, "metadata", "resourceVersion");
  if (event.resource_version.empty()) return corrupt("watch event: no metadata.resourceVersion");
  if (*type == Type::kBookmark) return event;
  auto key = object_key(*body);
  if (!key) return fail_at("watch event", key.error());
  event.key = std::move(*key);
  object = std::move(*body);
  return event;
}

Result<ListPage> decode_list_page(std::string_view text, Json& items) {
  Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return corrupt("list: is not a JSON object");
  ListPage page{text_at(json, "metadata", "resourceVersion"),
                text_at(json, "metadata", "continue")};
  if (page.resource_version.empty()) return corrupt("list: no metadata.resourceVersion");
  const auto found = json.find("items");
  if (found == json.end()) return corrupt("list: no items");
  // A Go server writes an empty list of some kinds as null.
  if (found->is_null()) {
    items = Json::array();
    return page;
  }
  if (!found->is_array()) return corrupt("list: items is not a list");
  for (const auto& item : *found) {
    if (const auto key = object_key(item); !key) return fail_at("list", key.error());
  }
  items = std::move(*found);
  return page;
}

}  // namespace lvs
