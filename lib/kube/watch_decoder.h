// One line of a watch -> one event. Pure; hostile input yields an error, never more.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "api/resources.h"
#include "base/result.h"

namespace lvs {

struct WatchEvent {
  enum class Type { kAdded, kModified, kDeleted, kBookmark, kError };

  Type type = Type::kError;
  ObjectKey key;                 // of the object; empty for bookmarks and errors
  std::string resource_version;  // to resume from; empty for errors
  int error_code = 0;            // kError: metav1.Status.code, 410 means list again
  std::string error_message;
};

inline constexpr std::size_t kMaxWatchLine = std::size_t{4} << 20U;

// `object` is filled for kAdded, kModified and kDeleted.
[[nodiscard]] Result<WatchEvent> decode_watch_line(std::string_view line, nlohmann::json& object);

// metadata.namespace, metadata.name; an error where there is no name.
[[nodiscard]] Result<ObjectKey> object_key(const nlohmann::json& object);

// A page of a list, taken apart. Items without a name make the page an error: a list that is not
// understood must not look like a shorter one.
struct ListPage {
  std::string resource_version;
  std::string continue_token;
};
[[nodiscard]] Result<ListPage> decode_list_page(std::string_view text, nlohmann::json& items);

}  // namespace lvs
