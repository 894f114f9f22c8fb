// An HTTP client over a Unix socket, for who is on the machine already: no TLS, the socket's file
// permissions decide. One connection per request. A request ends by its timeout only: its stop token
// is not looked at. stream() is not supported (kUnsupported).
#pragma once

#include <memory>
#include <string>

#include "http/client.h"

namespace lvs {

[[nodiscard]] std::unique_ptr<HttpClient> make_unix_http_client(
    std::string socket_path, std::size_t max_response_bytes = std::size_t{64} << 20U);

}  // namespace lvs
