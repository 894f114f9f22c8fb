#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "api/yaml.h"

namespace lvs {
namespace {

using OrderedJson = nlohmann::ordered_json;

// Words that YAML 1.1 or 1.2 readers take for something else than text.
bool is_reserved_word(std::string text) {
  static constexpr std::array<std::string_view, 12> kWords{
      "null", "~", "true", "false", "yes", "no", "on", "off", "y", "n", "=", "<<"};
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return std::find(kWords.begin(), kWords.end(), text) != kWords.end();
}

// Plain only where no reader can take it for anything but text: letters first, harmless characters.
bool is_plain(const std::string& text) {
  static constexpr std::string_view kLetters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ/";
  static constexpr std::string_view kHarmless = "0123456789_-./() ,;=";
  if (text.empty() || kLetters.find(text.front()) == std::string_view::npos) return false;
  if (text.back() == ' ' || is_reserved_word(text)) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return kLetters.find(c) != std::string_view::npos ||
           kHarmless.find(c) != std::string_view::npos;
  });
}

std::string scalar(const OrderedJson& value) {
  if (value.is_string() && is_plain(value.get_ref<const std::string&>())) {
    return value.get<std::string>();
  }
  // Every JSON scalar is a YAML one.
  return value.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

// A reader looks only so far for the ":" of a key that no "?" announces (YAML 1.2, 7.4.2).
constexpr std::size_t kMaxImplicitKey = 1024;

std::string key_of(const std::string& key, std::size_t indent) {
  std::string text = scalar(key);
  if (text.size() + 1 < kMaxImplicitKey) return text + ":";
  return "? " + text + "\n" + std::string(indent, ' ') + ":";
}

bool is_block(const OrderedJson& value) { return value.is_structured() && !value.empty(); }

// `first_on_line`: the line of the first member has its indentation already ("- ").
void write_block(const OrderedJson& value, std::size_t indent, bool first_on_line,
                 std::string& out) {
  bool on_line = first_on_line;
  for (const auto& [key, member] : value.items()) {
    if (!on_line) out.append(indent, ' ');
    on_line = false;
    out += value.is_array() ? "-" : key_of(key, indent);
    if (!is_block(member)) {
      out += " " + scalar(member) + "\n";
    } else if (value.is_array() && member.is_object()) {
      out += " ";
      write_block(member, indent + 2, true, out);
    } else {
      out += "\n";
      write_block(member, indent + (member.is_array() && value.is_object() ? 0 : 2), false, out);
    }
  }
}

}  // namespace

std::string json_to_yaml(std::string_view json) {
  const auto value = OrderedJson::parse(json, nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded()) return {};
  if (!is_block(value)) return scalar(value) + "\n";
  std::string out;
  write_block(value, 0, false, out);
  return out;
}

}  // namespace lvs
