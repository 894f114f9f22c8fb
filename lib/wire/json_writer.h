// Writes compact JSON straight into text: a plan of 100,000 destinations is never a tree. Internal
// to lib/wire. The caller keeps the nesting right; the writer puts the commas.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lvs {

class JsonWriter {
 public:
  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }

  void key(std::string_view name);
  // Bytes that are not UTF-8 become U+FFFD.
  void text(std::string_view value);
  void number(std::uint64_t value);
  void boolean(bool value);

  void member(std::string_view name, std::string_view value) {
    key(name);
    text(value);
  }
  void member(std::string_view name, const char* value) { member(name, std::string_view(value)); }
  void member(std::string_view name, std::uint64_t value) {
    key(name);
    number(value);
  }
  void flag(std::string_view name, bool value) {
    key(name);
    boolean(value);
  }
  // What is empty, zero or false is left out.
  void optional(std::string_view name, std::string_view value) {
    if (!value.empty()) member(name, value);
  }
  void optional(std::string_view name, std::uint64_t value) {
    if (value != 0) member(name, value);
  }
  void optional_flag(std::string_view name, bool value) {
    if (value) flag(name, true);
  }

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void open(char bracket);
  void close(char bracket);
  void comma();

  std::string out_;
  bool first_ = true;
};

}  // namespace lvs
