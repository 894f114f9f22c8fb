// Internal to lib/http/beast_*: Beast's messages to ours and back.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/beast/core/error.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include "http/server.h"

namespace lvs {

using BeastRequest = boost::beast::http::request<boost::beast::http::string_body>;
using BeastResponse = boost::beast::http::response<boost::beast::http::string_body>;

// Takes the body away from the message.
[[nodiscard]] ServerRequest to_server_request(BeastRequest& message);
[[nodiscard]] BeastResponse to_beast_response(HttpResponse response, bool keep_alive,
                                              bool head_only);

// What to answer a request that could not be read; status 0: nothing. No value: an ordinary end.
struct Refusal {
  int status = 400;
  std::string reason;
};
[[nodiscard]] std::optional<Refusal> refusal_of(const boost::beast::error_code& error,
                                                bool in_request);

[[nodiscard]] const std::vector<std::string>& allowed_clients(const ServerOptions& options);

}  // namespace lvs
