// Internal to lib/kube: credentials as they are stored.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"

namespace lvs {

// Standard base64 with padding; line breaks are allowed.
[[nodiscard]] Result<std::string> decode_base64(std::string text);

// Reads the file at every call, because tokens are rotated.
[[nodiscard]] std::function<Result<std::string>()> token_from_file(const std::string& path);

// The whole file, at most `longest` bytes.
[[nodiscard]] Result<std::string> read_small_file(const std::string& path, std::size_t longest);

}  // namespace lvs
