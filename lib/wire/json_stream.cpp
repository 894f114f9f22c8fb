// The only file that knows simdjson (docs/adr/0007-simdjson.md).
#include "wire/json_stream.h"

#include <array>
#include <set>

#include <simdjson.h>

namespace lvs {
namespace {

using Json = nlohmann::json;
using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

constexpr const char* kRowsOnly = "a table holds rows of plain texts and numbers only";

tl::unexpected<Error> refuse(const std::string& message) {
  return fail(ErrorCode::kInvalidArgument, message);
}

tl::unexpected<Error> refuse_twice(std::string_view name) {
  return refuse("\"" + std::string(name) + "\" is there twice");
}

Result<std::uint64_t> whole_number(element value) {
  std::uint64_t number = 0;
  if (value.get(number) == simdjson::SUCCESS) return number;
  return refuse(value.is_int64() ? "negative numbers are not allowed"
                                 : "numbers must be whole and below 2^64");
}

Result<Json> tree_of(element value);

Result<Json> tree_of(array list) {
  Json tree = Json::array();
  for (const element each : list) {
    auto child = tree_of(each);
    if (!child) return child;
    tree.push_back(std::move(*child));
  }
  return tree;
}

Result<void> add_member(Json& tree, std::string_view name, element value) {
  std::string key(name);
  if (tree.contains(key)) return refuse_twice(name);
  auto child = tree_of(value);
  if (!child) return tl::unexpected<Error>(child.error());
  tree[std::move(key)] = std::move(*child);
  return {};
}

Result<Json> tree_of(object members) {
  Json tree = Json::object();
  for (const auto& [name, value] : members) {
    if (auto added = add_member(tree, name, value); !added) {
      return tl::unexpected<Error>(added.error());
    }
  }
  return tree;
}

// Values of a parsed document have the type that they say: the unchecked reads cannot fail.
Result<Json> tree_of(element value) {
  switch (value.type()) {
    case element_type::OBJECT:
      return tree_of(object(value.get_object().value_unsafe()));
    case element_type::ARRAY:
      return tree_of(array(value.get_array().value_unsafe()));
    case element_type::STRING:
      return Json(std::string(value.get_string().value_unsafe()));
    case element_type::BOOL:
      return Json(value.get_bool().value_unsafe());
    case element_type::NULL_VALUE:
      return refuse("null is not allowed; leave the member out");
    default:
      break;
  }
  const auto number = whole_number(value);
  if (!number) return tl::unexpected<Error>(number.error());
  return Json(*number);
}

// Hands the pieces of one document to the sink.
class Walk {
 public:
  Walk(bool rows, JsonStreamSink& sink) : rows_(rows), sink_(sink) {}

  Result<void> document(element root) {
    object members;
    if (root.get(members) != simdjson::SUCCESS) return refuse("the document must be an object");
    std::set<std::string_view> seen;
    for (const auto& [name, value] : members) {
      if (!seen.insert(name).second) return refuse_twice(name);
      if (auto done = member(std::string(name), value); !done) return done;
    }
    return {};
  }

 private:
  Result<void> member(const std::string& name, element value) {
    array items;
    if (value.get(items) == simdjson::SUCCESS) return section(name, items);
    auto tree = tree_of(value);
    if (!tree) return fail_at(name, tree.error());
    return sink_.on_member(name, std::move(*tree));
  }

  Result<void> section(const std::string& name, array items) {
    const bool tables = rows_ && name == kRowSection;
    std::size_t index = 0;
    for (const element each : items) {
      auto tree = tables ? item_with_table(index, each) : tree_of(each);
      if (!tree) {
        if (sink_refused_) return tl::unexpected<Error>(tree.error());
        return fail_at(name + "[" + std::to_string(index) + "]", tree.error());
      }
      if (auto taken = sink_.on_item(name, index++, std::move(*tree)); !taken) return taken;
    }
    return {};
  }

  Result<Json> item_with_table(std::size_t index, element item) {
    object members;
    if (item.get(members) != simdjson::SUCCESS) return tree_of(item);
    Json tree = Json::object();
    bool table_seen = false;
    for (const auto& [name, value] : members) {
      array table;
      if (name == kRowKey && value.get(table) == simdjson::SUCCESS) {
        if (table_seen) return refuse_twice(name);
        table_seen = true;
        if (auto done = rows_of(index, table); !done) return tl::unexpected<Error>(done.error());
      } else if (auto added = add_member(tree, name, value); !added) {
        return tl::unexpected<Error>(added.error());
      }
    }
    return tree;
  }

  Result<void> rows_of(std::size_t item, array table) {
    std::size_t row = 0;
    for (const element each : table) {
      array values;
      if (each.get(values) != simdjson::SUCCESS) return refuse(kRowsOnly);
      std::size_t count = 0;
      for (const element value : values) {
        if (count == cells_.size()) return refuse("a row has too many values");
        if (auto read = read_cell(value, cells_[count++]); !read) return read;
      }
      if (auto taken = sink_.on_row(item, row++, std::span(cells_.data(), count)); !taken) {
        sink_refused_ = true;
        return taken;
      }
    }
    return {};
  }

  static Result<void> read_cell(element value, RowCell& cell) {
    cell = {};
    cell.is_text = value.get(cell.text) == simdjson::SUCCESS;
    if (cell.is_text) return {};
    if (!value.is_number()) return refuse(kRowsOnly);
    const auto number = whole_number(value);
    if (!number) return tl::unexpected<Error>(number.error());
    cell.number = *number;
    return {};
  }

  bool rows_;
  JsonStreamSink& sink_;
  bool sink_refused_ = false;  // its errors name their place already
  std::array<RowCell, kMaxRowCells> cells_;
};

}  // namespace

Result<void> read_json_stream(std::string_view text, bool rows, JsonStreamSink& sink,
                              std::size_t limit) {
  if (text.size() > limit) {
    return refuse("larger than " + std::to_string(limit) + " bytes, which is the limit");
  }
  simdjson::dom::parser parser(limit);
  if (parser.allocate(text.size(), kMaxWireDepth) != simdjson::SUCCESS) {
    return fail(ErrorCode::kUnavailable,
                "no memory for a document of " + std::to_string(text.size()) + " bytes");
  }
  element root;
  const auto error = parser.parse(text.data(), text.size()).get(root);
  if (error == simdjson::DEPTH_ERROR) return refuse("nested too deeply");
  if (error != simdjson::SUCCESS) {
    return refuse(std::string("not JSON: ") + simdjson::error_message(error));
  }
  return Walk(rows, sink).document(root);
}

}  // namespace lvs
