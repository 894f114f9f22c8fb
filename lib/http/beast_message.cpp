#include "http/beast_message.h"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/beast/http/error.hpp>

namespace lvs {
namespace {

namespace http = boost::beast::http;

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

// 204 and 304 carry no body by definition.
bool is_bodiless(int status) { return status == 204 || status == 304; }

}  // namespace

ServerRequest to_server_request(BeastRequest& message) {
  ServerRequest request;
  request.method = std::string(view(message.method_string()));
  const std::string_view target = view(message.target());
  const auto question = target.find('?');
  request.path = std::string(target.substr(0, question));
  if (question != std::string_view::npos) request.query = parse_query(target.substr(question + 1));
  for (const auto& field : message) {
    request.headers.emplace(view(field.name_string()), view(field.value()));
  }
  request.body = std::move(message.body());
  return request;
}

BeastResponse to_beast_response(HttpResponse response, bool keep_alive, bool head_only) {
  BeastResponse message;
  message.version(11);
  message.result(static_cast<unsigned>(response.status));
  message.keep_alive(keep_alive);
  for (const auto& [name, value] : response.headers) message.set(name, value);
  if (is_bodiless(response.status)) return message;
  message.content_length(response.body.size());
  if (!head_only) message.body() = std::move(response.body);
  return message;
}

std::optional<Refusal> refusal_of(const boost::beast::error_code& error, bool in_request) {
  if (error == http::error::body_limit) return Refusal{413, "request body too large"};
  if (error == http::error::header_limit) return Refusal{431, "request header too large"};
  if (error == boost::beast::error::timeout) {
    if (!in_request) return std::nullopt;
    return Refusal{0, "request too slow"};
  }
  const bool ordinary = error == http::error::end_of_stream ||
                        error == http::error::partial_message || error == boost::asio::error::eof ||
                        error == boost::asio::error::connection_reset ||
                        error == boost::asio::error::operation_aborted ||
                        error == boost::asio::ssl::error::stream_truncated;
  if (ordinary) return std::nullopt;
  if (error.category() == make_error_code(http::error::bad_method).category()) {
    return Refusal{400, "malformed request: " + error.message()};
  }
  return Refusal{0, "connection failed: " + error.message()};
}

const std::vector<std::string>& allowed_clients(const ServerOptions& options) {
  static const std::vector<std::string> kNone;
  return options.tcp ? options.tcp->tls.allowed_clients : kNone;
}

}  // namespace lvs
