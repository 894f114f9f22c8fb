#include "http/base_url.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace lvs {
namespace {

tl::unexpected<Error> wrong(const std::string& text, const char* why) {
  return fail(ErrorCode::kInvalidArgument, "server URL \"" + text + "\": " + why);
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, port);
  return error == std::errc{} && rest == end && port > 0 && port <= 65535;
}

bool is_host(std::string_view text, bool v6) {
  const auto allowed = [v6](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' || (v6 && c == ':');
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace

Result<BaseUrl> parse_base_url(std::string text) {
  while (text.ends_with('/')) text.pop_back();
  const std::string_view all = text;
  const auto scheme = all.starts_with("https://") ? 8U : all.starts_with("http://") ? 7U : 0U;
  if (scheme == 0) return wrong(text, "must start with https://");
  const std::string_view authority = all.substr(scheme, all.find('/', scheme) - scheme);
  const bool v6 = authority.starts_with('[');
  const auto host_end = v6 ? authority.find(']') : authority.find(':');
  const std::string_view host = authority.substr(v6 ? 1 : 0, host_end - (v6 ? 1 : 0));
  if (!is_host(host, v6) || (v6 && host_end == std::string_view::npos)) {
    return wrong(text, "must be https://HOST:PORT, with an IPv6 address in brackets");
  }
  const auto after = std::min(v6 ? host_end + 1 : host_end, authority.size());
  const std::string_view port = authority.substr(after);
  if (v6 && port.empty()) return wrong(text, "an IPv6 address needs a port after it");
  if (!port.empty() && (port.front() != ':' || !is_port(port.substr(1)))) {
    return wrong(text, "the port must be a number from 1 to 65535");
  }
  const std::string rest(all.substr(scheme + authority.size()));
  BaseUrl url{text, std::string(host), {}};
  url.unbracketed = text.substr(0, scheme) + url.host + std::string(port) + rest;
  return url;
}

}  // namespace lvs
