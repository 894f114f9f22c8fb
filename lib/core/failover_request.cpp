#include "core/failover_request.h"

#include <charconv>

namespace lvs {
namespace {

// The text up to `end`, which is cut off with what comes before it.
std::string_view take_until(std::string_view& text, char end) {
  const auto at = text.find(end);
  const std::string_view part = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  return part;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

Result<FailoverRequests> parse_failover_requests(std::string_view text) {
  FailoverRequests requests;
  while (!text.empty()) {
    const std::string_view whole = trim(take_until(text, ','));
    std::string_view rest = whole;
    const auto vip = IpAddress::parse(std::string(take_until(rest, '@')));
    const std::string_view number = take_until(rest, '=');
    PlannedMove move;
    const auto* last = number.data() + number.size();
    const auto [end, error] = std::from_chars(number.data(), last, move.term);
    if (!vip || error != std::errc() || end != last || move.term == 0) {
      return fail(ErrorCode::kInvalidArgument,
                  "\"" + std::string(whole) +
                      "\" is no request; write VIP@TERM or VIP@TERM=NODE, with the term of "
                      "status.vips, or use `kubectl lvs failover`");
    }
    move.to = rest;
    requests[*vip] = std::move(move);
  }
  return requests;
}

std::string to_text(const FailoverRequests& requests) {
  std::string text;
  for (const auto& [vip, move] : requests) {
    text += (text.empty() ? "" : ",") + vip.to_string() + "@" + std::to_string(move.term);
    if (!move.to.empty()) text += "=" + move.to;
  }
  return text;
}

}  // namespace lvs
