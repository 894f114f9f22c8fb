// What HTTP messages are made of, for client and server alike.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace lvs {

// Header names are compared without regard to case.
struct HeaderNameLess {
  using is_transparent = void;
  [[nodiscard]] bool operator()(std::string_view a, std::string_view b) const;
};
using HttpHeaders = std::map<std::string, std::string, HeaderNameLess>;

struct HttpResponse {
  int status = 200;
  HttpHeaders headers;
  std::string body;
};

// The header's value, empty where it is absent.
[[nodiscard]] std::string_view header_or_empty(const HttpHeaders& headers, std::string_view name);

// Percent-encoding of one query value or path segment (RFC 3986 unreserved characters stay).
[[nodiscard]] std::string url_encode(std::string_view text);
// The reverse; '+' stays a plus. A broken escape is kept as it is.
[[nodiscard]] std::string url_decode(std::string_view text);
// "a=1&b=x%20y", decoded; the first of equal names wins.
[[nodiscard]] std::map<std::string, std::string> parse_query(std::string_view text);

}  // namespace lvs
