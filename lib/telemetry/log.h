// Log lines for people and machines: one line per event on stderr, a fixed message and key/value
// fields, as logfmt (default) or JSON. Values are escaped, so that nothing from outside can forge a
// line or reach a terminal.
//
//   log_info("plan stored", {{"node", node}, {"edits", edits.size()}});
//
// Any thread, at any time; a line is written whole.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"

namespace lvs {

enum class LogLevel { kDebug, kInfo, kWarning, kError };
enum class LogFormat { kLogfmt, kJson };

// "debug", "info", "warning", "error".
[[nodiscard]] Result<LogLevel> parse_log_level(std::string_view text);
// "logfmt", "json".
[[nodiscard]] Result<LogFormat> parse_log_format(std::string_view text);

// What a field can hold. A view: it lives as long as the call.
class LogValue {
 public:
  using Data = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

  LogValue(std::string_view text) : data_(text) {}
  LogValue(const char* text) : data_(std::string_view(text)) {}
  LogValue(const std::string& text) : data_(std::string_view(text)) {}
  LogValue(bool value) : data_(value) {}
  template <std::signed_integral Number>
  LogValue(Number value) : data_(static_cast<std::int64_t>(value)) {}
  template <std::unsigned_integral Number>
  requires(!std::same_as<Number, bool>) LogValue(Number value)
      : data_(static_cast<std::uint64_t>(value)) {}
  LogValue(double value) : data_(value) {}

  [[nodiscard]] const Data& data() const { return data_; }

 private:
  Data data_;
};

struct LogField {
  std::string_view key;  // snake_case, from the source text, never from outside
  LogValue value;
};
using LogFields = std::initializer_list<LogField>;

void log(LogLevel level, std::string_view message, LogFields fields = {});
inline void log_debug(std::string_view message, LogFields fields = {}) {
  log(LogLevel::kDebug, message, fields);
}
inline void log_info(std::string_view message, LogFields fields = {}) {
  log(LogLevel::kInfo, message, fields);
}
inline void log_warning(std::string_view message, LogFields fields = {}) {
  log(LogLevel::kWarning, message, fields);
}
inline void log_error(std::string_view message, LogFields fields = {}) {
  log(LogLevel::kError, message, fields);
}

// Both take effect at once, for all threads. Before: level info, logfmt.
void set_log_level(LogLevel level);
void set_log_format(LogFormat format);

// The part of a line after time and level; what log() writes, for tests.
[[nodiscard]] std::string render_log_text(LogFormat format, std::string_view message,
                                          LogFields fields);

}  // namespace lvs
