// Between the YAML parser and the manifests: documents as JSON that know their lines. Internal to
// lib/api.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/result.h"

namespace lvs {

struct YamlDocument {
  int line = 0;  // 1-based, of its first content, or of the problem
  Result<nlohmann::json> json;
  // The line of the value at the pointer, or of the deepest of its parents that is there.
  std::function<int(const nlohmann::json::json_pointer&)> line_of;
};

// Documents that are empty are left out. A document that cannot be read does not harm the others.
[[nodiscard]] std::vector<YamlDocument> parse_yaml_documents(std::string_view text,
                                                             const std::string& file);

}  // namespace lvs
