// Reading JSON strictly, noting every problem with its place. Internal to lib/api.
//
// Reading goes on after a problem, so that one decoding reports all of them; whoever starts it
// looks into DecodeLog::problems at the end and throws the value away when there is any.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "api/codec.h"

namespace lvs {

using Json = nlohmann::json;

struct DecodeProblem {
  Json::json_pointer where;
  std::string text;  // "spec.ports[0].port: <what is wrong and what to write instead>"
};

struct DecodeLog {
  UnknownFields unknown = UnknownFields::kIgnore;
  std::vector<DecodeProblem> problems;
};

// A place in the document, as a chain that lives on the stack of the decoding functions: it becomes
// text only when there is a problem.
struct FieldPath {
  const FieldPath* parent = nullptr;
  std::string_view key;   // of an object's member
  std::size_t index = 0;  // of a list's item, when `key` is empty

  [[nodiscard]] std::string to_string() const;
  [[nodiscard]] Json::json_pointer to_pointer() const;
};

// Where the wording is the API server's own (types, missing and unknown fields, enums, bounds), it
// is the same here, so that people find one text on both ways.

// One value at its place. The readers answer nothing and note a problem when the type is wrong.
// Refers to the JSON, the path's parents and the log; none of them may go before it.
class JsonValue {
 public:
  JsonValue(const Json& json, FieldPath path, DecodeLog& log)
      : json_(json), path_(path), log_(log) {}

  [[nodiscard]] std::optional<std::string> text() const;
  [[nodiscard]] std::optional<std::string> text(std::size_t longest) const;
  [[nodiscard]] std::optional<bool> boolean() const;
  // `message` is the problem's when the number is not within the bounds.
  [[nodiscard]] std::optional<std::int64_t> integer(std::int64_t least, std::int64_t most,
                                                    std::string_view message) const;
  [[nodiscard]] std::optional<IpAddress> address() const;
  [[nodiscard]] std::optional<Duration> duration(Duration least, Duration most,
                                                 std::string_view message) const;

  void refuse(const std::string& message) const;
  void refuse_member(std::string_view key, const std::string& message) const;
  void refuse_unknown(std::string_view key) const;
  [[nodiscard]] const Json& json() const { return json_; }
  [[nodiscard]] const FieldPath& path() const { return path_; }
  [[nodiscard]] DecodeLog& log() const { return log_; }

  // Calls `read(JsonValue)` for every item of a list of at most `longest`.
  template <typename Read>
  void for_each_item(std::size_t longest, Read read) const {
    if (!is_list(longest)) return;
    for (std::size_t i = 0; i < json_.size(); ++i) {
      read(JsonValue(json_[i], FieldPath{&path_, {}, i}, log_));
    }
  }
  // Calls `read(key, JsonValue)` for every member of an object.
  template <typename Read>
  void for_each_member(Read read) const {
    if (!is_object()) return;
    for (const auto& [key, value] : json_.items()) {
      read(key, JsonValue(value, FieldPath{&path_, key, 0}, log_));
    }
  }
  [[nodiscard]] bool is_object() const;

 private:
  [[nodiscard]] bool is_list(std::size_t longest) const;

  const Json& json_;
  FieldPath path_;
  DecodeLog& log_;
};

// The members of an object, by name; done() refuses those that nobody asked for.
class JsonObject {
 public:
  explicit JsonObject(const JsonValue& value) : value_(value), usable_(value.is_object()) {}

  // Absent and null are the same, as for the API server.
  [[nodiscard]] std::optional<JsonValue> find(std::string_view key);
  // Notes a problem when it is absent.
  [[nodiscard]] std::optional<JsonValue> require(std::string_view key);

  // Text that is not empty, which for the values means "not written": where it is, `message` says.
  void read(std::string_view key, std::size_t longest, std::string_view message, std::string& out);
  void read(std::string_view key, bool& out);
  template <typename Number>
  void read(std::string_view key, std::int64_t least, std::int64_t most, std::string_view message,
            Number& out) {
    const auto member = find(key);
    if (!member) return;
    if (const auto value = member->integer(least, most, message)) out = static_cast<Number>(*value);
  }
  void read(std::string_view key, Duration least, Duration most, std::string_view message,
            Duration& out);
  // A member that is known and not read.
  void skip(std::string_view key) { known_.insert(key); }
  void done();

 private:
  const JsonValue& value_;
  bool usable_;
  std::set<std::string_view> known_;
};

// "\"a\", \"b\"": the list of allowed words in a message.
template <typename Words>
[[nodiscard]] std::string quoted_list(const Words& words) {
  std::string text;
  for (const auto& word : words) {
    text.append(text.empty() ? "\"" : ", \"").append(word).append("\"");
  }
  return text;
}

}  // namespace lvs
