#include "telemetry/log.h"

#include <memory>
#include <mutex>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace lvs {
namespace {

constexpr const char* kLogfmtPattern = "time=%Y-%m-%dT%H:%M:%S.%eZ level=%l %v";
constexpr const char* kJsonPattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})";

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      break;
  }
  return spdlog::level::err;
}

struct Writer {
  Writer() : logger("lvs", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    logger.set_pattern(kLogfmtPattern, spdlog::pattern_time_type::utc);
    logger.set_level(spdlog::level::info);
  }
  spdlog::logger logger;
  // The text of a line and the pattern around it change together.
  std::mutex mutex;
  LogFormat format = LogFormat::kLogfmt;
};

// Never destroyed: threads may still log while the process ends.
Writer& writer() {
  static auto* const kWriter = new Writer;
  return *kWriter;
}

}  // namespace

Result<LogLevel> parse_log_level(std::string_view text) {
  if (text == "debug") return LogLevel::kDebug;
  if (text == "info") return LogLevel::kInfo;
  if (text == "warning") return LogLevel::kWarning;
  if (text == "error") return LogLevel::kError;
  return fail(
      ErrorCode::kInvalidArgument,
      "log level \"" + std::string(text) + "\" is not known: write debug, info, warning or error");
}

Result<LogFormat> parse_log_format(std::string_view text) {
  if (text == "logfmt") return LogFormat::kLogfmt;
  if (text == "json") return LogFormat::kJson;
  return fail(ErrorCode::kInvalidArgument,
              "log format \"" + std::string(text) + "\" is not known: write logfmt or json");
}

void log(LogLevel level, std::string_view message, LogFields fields) {
  auto& target = writer();
  const auto spdlog_level = to_spdlog(level);
  if (!target.logger.should_log(spdlog_level)) return;
  const std::lock_guard lock(target.mutex);
  // string_view_t, not a format string: braces in the text stay what they are.
  target.logger.log(spdlog_level,
                    spdlog::string_view_t(render_log_text(target.format, message, fields)));
}

void set_log_level(LogLevel level) { writer().logger.set_level(to_spdlog(level)); }

void set_log_format(LogFormat format) {
  auto& target = writer();
  const std::lock_guard lock(target.mutex);
  target.format = format;
  target.logger.set_pattern(format == LogFormat::kJson ? kJsonPattern : kLogfmtPattern,
                            spdlog::pattern_time_type::utc);
}

}  // namespace lvs
