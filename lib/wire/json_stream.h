// Reads one JSON object from outside and hands it on piece by piece, so that no more than one item
// of a list is ever a tree of our own. Internal to lib/wire.
//
// The document is an object. A member that is a list is a section: its items are delivered one by
// one. In the section kRowSection the lists under kRowKey are tables: each row, a list of plain
// values, is delivered by itself, before its item and without a tree. Refused: what is not JSON,
// a key that is there twice, deep nesting, numbers that are negative or have a fraction, null.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/result.h"
#include "wire/limits.h"

namespace lvs {

inline constexpr std::size_t kMaxWireDepth = 8;
inline constexpr std::string_view kRowSection = "services";
inline constexpr std::string_view kRowKey = "destinations";
inline constexpr std::size_t kMaxRowCells = 8;

struct RowCell {
  bool is_text = false;
  std::string_view text;  // into the document
  std::uint64_t number = 0;
};

class JsonStreamSink {
 public:
  virtual ~JsonStreamSink() = default;
  virtual Result<void> on_member(const std::string& key, nlohmann::json value) = 0;
  virtual Result<void> on_item(const std::string& section, std::size_t index,
                               nlohmann::json item) = 0;
  virtual Result<void> on_row(std::size_t item, std::size_t row,
                              std::span<const RowCell> cells) = 0;
};

// With `rows` false, kRowKey is nothing special. More than `limit` bytes are refused.
[[nodiscard]] Result<void> read_json_stream(std::string_view text, bool rows, JsonStreamSink& sink,
                                            std::size_t limit = kMaxPlanBytes);

}  // namespace lvs
