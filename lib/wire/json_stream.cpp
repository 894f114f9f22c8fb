#include "wire/json_stream.h"

#include <array>
#include <set>
#include <vector>

namespace lvs {
namespace {

using Json = nlohmann::json;

// The events of nlohmann's parser; false ends the parsing, with the reason in error_.
class StreamReader {
 public:
  StreamReader(bool rows, JsonStreamSink& sink) : rows_(rows), sink_(sink) {}

  bool null() { return refuse("null is not allowed; leave the member out"); }
  bool boolean(bool value) { return scalar(value); }
  bool number_integer(Json::number_integer_t) { return refuse("negative numbers are not allowed"); }
  bool number_unsigned(Json::number_unsigned_t value) {
    if (table_ == Table::kRow) return add_cell({false, {}, value});
    return scalar(value);
  }
  bool number_float(Json::number_float_t, const std::string&) {
    return refuse("numbers must be whole and below 2^64");
  }
  bool string(std::string& value) {
    if (table_ == Table::kRow) return add_cell({true, std::move(value), 0});
    return scalar(std::move(value));
  }
  bool binary(Json::binary_t&) { return refuse("binary values are not allowed"); }

  bool start_object(std::size_t) {
    if (table_ != Table::kNone) return refuse("a table holds lists only");
    if (++depth_ == 1) return true;
    return open(Json::object());
  }
  bool key(std::string& name) {
    if (depth_ == 1) {
      if (!seen_.insert(name).second) return refuse_twice(name);
      member_ = std::move(name);
      return true;
    }
    if (tree_.back()->contains(name)) return refuse_twice(name);
    key_ = std::move(name);
    return true;
  }
  bool end_object() {
    if (--depth_ == 0) return true;
    return close();
  }

  bool start_array(std::size_t) {
    if (depth_ == 0) return refuse("the document must be an object");
    if (table_ == Table::kRow) return refuse("a row holds plain values only");
    ++depth_;
    if (table_ == Table::kTable) return start_row();
    if (depth_ == 2 && tree_.empty()) {
      in_section_ = true;
      index_ = 0;
      return true;
    }
    if (is_table_start()) {
      if (table_seen_) return refuse_twice(key_);
      table_seen_ = true;
      table_ = Table::kTable;
      row_ = 0;
      return true;
    }
    return open(Json::array());
  }
  bool end_array() {
    --depth_;
    if (table_ == Table::kRow) {
      table_ = Table::kTable;
      return pass(sink_.on_row(index_, row_++, std::span(cells_.data(), cell_count_)));
    }
    if (table_ == Table::kTable) {
      table_ = Table::kNone;
      return true;
    }
    if (tree_.empty()) {
      in_section_ = false;
      return true;
    }
    return close();
  }

  bool parse_error(std::size_t position, const std::string&, const Json::exception&) {
    return refuse("not JSON at byte " + std::to_string(position));
  }

  [[nodiscard]] const Error& error() const { return error_; }

 private:
  enum class Table { kNone, kTable, kRow };

  bool refuse(const std::string& message) {
    std::string place = member_;
    if (in_section_) place += "[" + std::to_string(index_) + "]";
    error_ = {ErrorCode::kInvalidArgument, place.empty() ? message : place + ": " + message};
    return false;
  }
  bool refuse_twice(const std::string& name) { return refuse("\"" + name + "\" is there twice"); }
  bool pass(const Result<void>& result) {
    if (result) return true;
    error_ = result.error();
    return false;
  }

  [[nodiscard]] bool is_table_start() const {
    return rows_ && in_section_ && member_ == kRowSection && tree_.size() == 1 &&
           tree_.back()->is_object() && key_ == kRowKey;
  }
  bool start_row() {
    table_ = Table::kRow;
    cell_count_ = 0;
    return true;
  }
  bool add_cell(RowCell cell) {
    if (cell_count_ == cells_.size()) return refuse("a row has too many values");
    cells_[cell_count_++] = std::move(cell);
    return true;
  }

  template <typename Value>
  bool scalar(Value&& value) {
    if (depth_ == 0) return refuse("the document must be an object");
    if (table_ != Table::kNone) return refuse("a table holds rows of texts and numbers only");
    if (tree_.empty()) {
      root_ = std::forward<Value>(value);
      return deliver();
    }
    place() = std::forward<Value>(value);
    return true;
  }
  // Where the next value of the innermost open container goes.
  Json& place() {
    Json& parent = *tree_.back();
    if (parent.is_object()) return parent[key_];
    parent.push_back(nullptr);
    return parent.back();
  }
  bool open(Json container) {
    if (depth_ > kMaxWireDepth) return refuse("nested too deeply");
    Json& target = tree_.empty() ? root_ : place();
    target = std::move(container);
    tree_.push_back(&target);
    return true;
  }
  bool close() {
    tree_.pop_back();
    return tree_.empty() ? deliver() : true;
  }
  bool deliver() {
    table_seen_ = false;
    if (!in_section_) return pass(sink_.on_member(member_, std::move(root_)));
    return pass(sink_.on_item(member_, index_++, std::move(root_)));
  }

  bool rows_;
  JsonStreamSink& sink_;
  Error error_;
  std::size_t depth_ = 0;
  std::set<std::string> seen_;
  std::string member_;
  bool in_section_ = false;
  std::size_t index_ = 0;
  Json root_;
  std::vector<Json*> tree_;  // open containers below root_, outermost first
  std::string key_;
  Table table_ = Table::kNone;
  bool table_seen_ = false;
  std::size_t row_ = 0;
  std::array<RowCell, kMaxRowCells> cells_;
  std::size_t cell_count_ = 0;
};

}  // namespace

Result<void> read_json_stream(std::string_view text, bool rows, JsonStreamSink& sink) {
  if (text.size() > kMaxWireBytes) {
    return fail(ErrorCode::kInvalidArgument,
                "larger than " + std::to_string(kMaxWireBytes) + " bytes, which is the limit");
  }
  StreamReader reader(rows, sink);
  if (!Json::sax_parse(text, &reader)) return tl::unexpected<Error>(reader.error());
  return {};
}

}  // namespace lvs
