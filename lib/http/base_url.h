// Internal to lib/http: the URL of a server, taken apart. Pure.
#pragma once

#include <string>

#include "base/result.h"

namespace lvs {

struct BaseUrl {
  std::string text;  // as it was given, without a slash at its end; for messages
  std::string host;  // as certificates name it: no port, no brackets
  // cpprest takes an IPv6 host without brackets only (it hands the host to the resolver as it is).
  std::string unbracketed;
};

// https://HOST[:PORT][/PATH], with http for tests; an IPv6 host in brackets and with a port.
[[nodiscard]] Result<BaseUrl> parse_base_url(std::string text);

}  // namespace lvs
