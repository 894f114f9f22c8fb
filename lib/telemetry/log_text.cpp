#include <array>
#include <charconv>
#include <cstdio>

#include "telemetry/log.h"

namespace lvs {
namespace {

// Length of the well-formed UTF-8 sequence at the start of `text`; 0 when it is not one.
std::size_t utf8_length(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = at(0);
  std::size_t length = 0;
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) length = 2;
  if ((lead & 0xf0U) == 0xe0) length = 3;
  if (lead >= 0xf0 && lead <= 0xf4) length = 4;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xc0U) != 0x80) return 0;
  }
  if ((lead == 0xe0 && at(1) < 0xa0) || (lead == 0xed && at(1) > 0x9f)) return 0;
  if ((lead == 0xf0 && at(1) < 0x90) || (lead == 0xf4 && at(1) > 0x8f)) return 0;
  return length;
}

void append_control(std::string& out, unsigned code) {
  switch (code) {
    case '\n':
      out += "\\n";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\r':
      out += "\\r";
      return;
    default:
      break;
  }
  std::array<char, 8> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "\\u%04x", code);
  out += buffer.data();
}

// C1 controls (U+0080 to U+009F) drive terminals just as ESC does.
bool is_c1_control(std::string_view sequence) {
  return sequence.size() == 2 && static_cast<unsigned char>(sequence[0]) == 0xc2 &&
         static_cast<unsigned char>(sequence[1]) < 0xa0;
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const auto length = utf8_length(text);
    const auto first = static_cast<unsigned char>(text[0]);
    if (length == 0) {
      out += "\xef\xbf\xbd";  // U+FFFD
    } else if (first == '"' || first == '\\') {
      out += '\\';
      out += text[0];
    } else if (first < 0x20 || first == 0x7f) {
      append_control(out, first);
    } else if (is_c1_control(text.substr(0, length))) {
      append_control(out, static_cast<unsigned char>(text[1]));
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out += '"';
}

bool is_bare(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if (c <= ' ' || c > '~' || c == '"' || c == '=' || c == '\\') return false;
  }
  return true;
}

template <typename Number>
void append_number(std::string& out, Number number) {
  std::array<char, 40> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  out.append(buffer.data(), end);
}

void append_value(std::string& out, LogFormat format, const LogValue& value) {
  if (const auto* text = std::get_if<std::string_view>(&value.data())) {
    if (format == LogFormat::kLogfmt && is_bare(*text)) {
      out += *text;
    } else {
      append_quoted(out, *text);
    }
  } else if (const auto* boolean = std::get_if<bool>(&value.data())) {
    out += *boolean ? "true" : "false";
  } else if (const auto* integer = std::get_if<std::int64_t>(&value.data())) {
    append_number(out, *integer);
  } else if (const auto* natural = std::get_if<std::uint64_t>(&value.data())) {
    append_number(out, *natural);
  } else {
    append_number(out, std::get<double>(value.data()));
  }
}

}  // namespace

std::string render_log_text(LogFormat format, std::string_view message, LogFields fields) {
  const bool json = format == LogFormat::kJson;
  std::string out = json ? "\"msg\":" : "msg=";
  append_value(out, format, message);
  for (const auto& field : fields) {
    if (json) {
      out += ',';
      append_quoted(out, field.key);
      out += ':';
    } else {
      out += ' ';
      out += field.key;
      out += '=';
    }
    append_value(out, format, field.value);
  }
  return out;
}

}  // namespace lvs
