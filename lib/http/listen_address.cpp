#include "http/listen_address.h"

#include <charconv>

#include "base/ip_address.h"

namespace lvs {
namespace {

tl::unexpected<Error> bad_listen(const std::string& text) {
  return fail(ErrorCode::kInvalidArgument,
              "\"" + text +
                  "\" is not an address to listen on; write 192.0.2.1:9440, "
                  "[2001:db8::1]:9440 or :9440");
}

}  // namespace

Result<TcpListen> parse_listen(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return bad_listen(text);
  std::string host = text.substr(0, colon);
  TcpListen listen;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data() + colon + 1, end, listen.port);
  if (parsed.ec != std::errc() || parsed.ptr != end) return bad_listen(text);
  if (host.empty()) {
    listen.address = "::";
    return listen;
  }
  const bool brackets = host.front() == '[' && host.back() == ']';
  if (brackets) host = host.substr(1, host.size() - 2);
  const auto address = IpAddress::parse(host);
  if (!address || brackets != (address->family() == Family::kV6)) return bad_listen(text);
  listen.address = address->to_string();
  return listen;
}

}  // namespace lvs
