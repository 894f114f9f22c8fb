#include "api/yaml.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <sstream>

#include <nlohmann/json.hpp>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include "api/utf8.h"
#include "api/yaml_document.h"

namespace lvs {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxBytes = std::size_t{32} << 20U;
constexpr int kMaxDepth = 64;
// Nodes after aliases are followed: what a document may grow to.
constexpr std::size_t kMaxNodes = 4'000'000;
constexpr std::size_t kMaxGrownBytes = 4 * kMaxBytes;

// Where the text of a document stands: marks of the parser count from its beginning.
struct Source {
  std::string file;
  int lines_before = 0;

  [[nodiscard]] int line_of(const YAML::Mark& mark) const {
    return lines_before + (mark.is_null() ? 0 : mark.line) + 1;
  }
  [[nodiscard]] std::string place_of(const YAML::Mark& mark) const {
    return mark.is_null() && lines_before == 0 ? file : file + ":" + std::to_string(line_of(mark));
  }
};

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
  explicit JsonConverter(const Source& source) : source_(source) {}

  Result<Json> convert(const YAML::Node& node, int depth = 0) {
    if (depth > kMaxDepth) return refuse(node, "nested deeper than 64 levels");
    if (node.IsScalar()) bytes_ += node.Scalar().size();
    if (++nodes_ > kMaxNodes || bytes_ > kMaxGrownBytes) {
      return refuse(node, "grows too large when its aliases are followed");
    }
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
    return fail(ErrorCode::kInvalidArgument, source_.place_of(node.Mark()) + ": " + why);
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

  const Source& source_;
  std::size_t nodes_ = 0;
  std::size_t bytes_ = 0;
};

// Reads past a document.
class Skip final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override { began = mark; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

  YAML::Mark began;
};

// Throws where something is left after the text's one document. The library would take it for
// another document; LoadAll (0.7) even without end, when it is nothing that a document can begin
// with: `"a". 'b'` and then `? c`.
void refuse_more_than_one(const std::string& text) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  Skip skip;
  if (parser.HandleNextDocument(skip) && parser.HandleNextDocument(skip)) {
    throw YAML::ParserException(skip.began, "does not belong to what is before it");
  }
}

// Throws as the parser would: it passes such bytes on.
void refuse_other_encodings(std::string_view text) {
  const std::size_t at = find_no_utf8(text);
  if (at == std::string_view::npos) return;
  YAML::Mark mark;
  mark.pos = static_cast<int>(at);
  mark.line = static_cast<int>(
      std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
  mark.column = 0;
  throw YAML::ParserException(mark, "is not UTF-8; save the file as UTF-8");
}

struct Chunk {
  std::string_view text;
  int lines_before = 0;
};

bool is_marker(std::string_view rest, std::string_view marker) {
  return rest.starts_with(marker) &&
         (rest.size() == 3 || std::string_view(" \t\r\n").find(rest[3]) != std::string_view::npos);
}

// Cuts before the lines that begin a document and after those that end one. YAML allows "---" and
// "..." at the beginning of a line for nothing else, so that a document that cannot be parsed does
// not hide where the next one begins.
std::vector<Chunk> split_documents(std::string_view text) {
  std::vector<Chunk> chunks;
  std::size_t begin = 0;
  int line = 0;
  int begin_line = 0;
  const auto cut = [&](std::size_t at, int at_line) {
    if (at == begin) return;
    chunks.push_back({text.substr(begin, at - begin), begin_line});
    begin = at;
    begin_line = at_line;
  };
  for (std::size_t at = 0; at < text.size(); ++line) {
    if (is_marker(text.substr(at), "---")) cut(at, line);
    const bool ends = is_marker(text.substr(at), "...");
    const auto end = text.find('\n', at);
    at = end == std::string_view::npos ? text.size() : end + 1;
    if (ends) cut(at, line + 1);
  }
  chunks.push_back({text.substr(begin), begin_line});
  return chunks;
}

// The deepest node on the way that the pointer describes. Reset, never assign: assigning to a
// YAML::Node changes the document.
YAML::Node walk(const YAML::Node& root, const Json::json_pointer& pointer) {
  std::vector<std::string> keys;
  for (auto rest = pointer; !rest.empty(); rest.pop_back()) keys.push_back(rest.back());
  YAML::Node at(root);
  for (auto key = keys.rbegin(); key != keys.rend(); ++key) {
    const auto index = parse_number<std::size_t>(*key);
    YAML::Node next;
    for (const auto& item : at) {
      if (at.IsMap() && item.first.IsScalar() && item.first.Scalar() == *key) {
        next.reset(item.second);
      }
    }
    if (at.IsSequence() && index && *index < at.size()) next.reset(at[*index]);
    if (!next.IsDefined() || next.IsNull()) break;
    at.reset(next);
  }
  return at;
}

YamlDocument read_document(const YAML::Node& root, const Source& source) {
  auto json = JsonConverter(source).convert(root);
  return {source.line_of(root.Mark()), std::move(json), [root, source](const auto& pointer) {
            return source.line_of(walk(root, pointer).Mark());
          }};
}

void read_chunk(const Chunk& chunk, const std::string& file, std::vector<YamlDocument>& out) {
  const Source source{file, chunk.lines_before};
  try {
    const std::string text(chunk.text);
    refuse_other_encodings(text);
    refuse_more_than_one(text);
    const YAML::Node root = YAML::Load(text);
    if (!root.IsNull()) out.push_back(read_document(root, source));
  } catch (const YAML::Exception& e) {
    const int line = source.line_of(e.mark);
    out.push_back({line, fail(ErrorCode::kInvalidArgument, source.place_of(e.mark) + ": " + e.msg),
                   [line](const auto&) { return line; }});
  }
}

}  // namespace

std::vector<YamlDocument> parse_yaml_documents(std::string_view text, const std::string& file) {
  std::vector<YamlDocument> documents;
  if (text.size() > kMaxBytes) {
    documents.push_back(
        {1, fail(ErrorCode::kInvalidArgument, file + ":1: larger than 32 MiB; split the file"),
         [](const auto&) { return 1; }});
    return documents;
  }
  for (const auto& chunk : split_documents(text)) read_chunk(chunk, file, documents);
  return documents;
}

Result<std::string> yaml_to_json(std::string_view text, const std::string& file) {
  if (text.size() > kMaxBytes) {
    return fail(ErrorCode::kInvalidArgument, file + ": larger than 32 MiB");
  }
  const Source source{file, 0};
  try {
    refuse_other_encodings(text);
    const YAML::Node document = YAML::Load(std::string(text));
    return JsonConverter(source).convert(document).map(
        [](const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); });
  } catch (const YAML::Exception& e) {
    return fail(ErrorCode::kInvalidArgument, source.place_of(e.mark) + ": " + e.msg);
  }
}

}  // namespace lvs
