#include "base/duration.h"

#include <charconv>
#include <cmath>

namespace lvs {
namespace {

// Ten years: far beyond any timer here, and far from overflow.
constexpr double kLongestMilliseconds = 10.0 * 366 * 24 * 3600 * 1000;

double unit_in_ms(std::string_view unit) {
  if (unit == "ms") return 1;
  if (unit == "s") return 1000;
  if (unit == "m") return 60'000;
  if (unit == "h") return 3'600'000;
  return 0;
}

tl::unexpected<Error> not_a_duration(std::string_view text) {
  return fail(
      ErrorCode::kInvalidArgument,
      "\"" + std::string(text) + "\" is not a duration; write one like 500ms, 60s or 1m30s");
}

// Up to nine digits, and up to three after a point where the unit leaves whole milliseconds.
bool is_number(std::string_view text, std::string_view unit) {
  const auto point = text.find('.');
  if (point == std::string_view::npos) return !text.empty() && text.size() <= 9;
  const auto fraction = text.substr(point + 1);
  return unit != "ms" && point >= 1 && point <= 9 && !fraction.empty() && fraction.size() <= 3;
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  if (text == "0") return Duration::zero();
  if (text.empty()) return not_a_duration(text);
  double total = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const auto digits = rest.find_first_not_of("0123456789.");
    if (digits == 0 || digits == std::string_view::npos) return not_a_duration(text);
    const std::string_view digits_text = rest.substr(0, digits);
    double number = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + digits, number);
    if (error != std::errc() || end != rest.data() + digits) return not_a_duration(text);
    rest.remove_prefix(digits);
    const auto unit_length = std::min(rest.find_first_of("0123456789."), rest.size());
    const std::string_view unit_name = rest.substr(0, unit_length);
    const double unit = unit_in_ms(unit_name);
    if (unit == 0 || !is_number(digits_text, unit_name)) return not_a_duration(text);
    total += number * unit;
    rest.remove_prefix(unit_length);
  }
  // 1.005 hours are 3618000 ms, but not in binary fractions.
  const double whole = std::round(total);
  if (total > kLongestMilliseconds || std::abs(total - whole) > 1e-3) return not_a_duration(text);
  return Duration(static_cast<Duration::rep>(whole));
}

std::string format_duration(Duration duration) {
  if (duration == Duration::zero()) return "0s";
  auto rest = duration.count();
  std::string text;
  for (const auto& [size, unit] :
       {std::pair{3'600'000L, "h"}, {60'000L, "m"}, {1000L, "s"}, {1L, "ms"}}) {
    if (rest >= size) text += std::to_string(rest / size) + unit;
    rest %= size;
  }
  return text;
}

}  // namespace lvs
