// Where to listen, as people write it.
#pragma once

#include <string>

#include "base/result.h"
#include "http/server.h"

namespace lvs {

// "192.0.2.1:9440", "[2001:db8::1]:9440", ":9440" (every address of both families). TLS is left to
// the caller.
[[nodiscard]] Result<TcpListen> parse_listen(const std::string& text);

}  // namespace lvs
