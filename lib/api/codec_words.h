// Words of a fixed list, read strictly. Internal to lib/api.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "api/json_reader.h"

namespace lvs {

template <typename Words>
std::string unsupported(const std::string& found, const Words& words) {
  return "Unsupported value: \"" + found + "\": supported values: " + quoted_list(words);
}

// A word of a table: parse() answers an optional.
template <typename Parse, typename Words, typename Out>
void read_word(const JsonValue& value, Parse parse, const Words& words, Out& out) {
  const auto written = value.text();
  if (!written) return;
  if (const auto known = parse(*written)) {
    out = *known;
  } else {
    value.refuse(unsupported(*written, words));
  }
}

template <std::size_t N>
auto any_of(const std::array<std::string_view, N>& words) {
  return [&words](const std::string& text) {
    const bool known = std::find(words.begin(), words.end(), text) != words.end();
    return known ? std::optional(text) : std::nullopt;
  };
}

}  // namespace lvs
