#include <optional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include "http/unix_client.h"

namespace lvs {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using Local = asio::local::stream_protocol;

// One request and its answer; one time for all of it.
class Exchange {
  // What an asynchronous call ends with: the next step, or the end.
  template <typename Step>
  auto next(Step step) {
    return [this, step](const beast::error_code& error, auto...) {
      error_ = error;
      if (!error) step();
    };
  }

 public:
  Exchange(const HttpRequest& request, std::size_t max_bytes) : timeout_(request.timeout) {
    message_.version(11);
    message_.method_string(request.method);
    message_.target(request.path_and_query);
    message_.set(beast::http::field::host, "localhost");
    for (const auto& [name, value] : request.headers) message_.set(name, value);
    message_.body() = request.body;
    message_.prepare_payload();
    parser_.body_limit(max_bytes);
  }

  // The first thing that went wrong, if anything did.
  beast::error_code run(const std::string& socket_path) {
    stream_.expires_after(timeout_);
    stream_.async_connect(Local::endpoint(socket_path), next([this] { write(); }));
    io_.run();
    return error_;
  }

  HttpResponse take_response() {
    auto answer = parser_.release();
    HttpResponse response{
        .status = static_cast<int>(answer.result_int()), .headers = {}, .body = {}};
    for (const auto& field : answer) {
      response.headers.emplace(std::string(field.name_string()), std::string(field.value()));
    }
    response.body = std::move(answer.body());
    return response;
  }

 private:
  void write() {
    beast::http::async_write(stream_, message_, next([this] { read(); }));
  }
  void read() {
    beast::http::async_read(stream_, buffer_, parser_, next([] {}));
  }

  Duration timeout_;
  asio::io_context io_;
  beast::basic_stream<Local> stream_{io_};
  beast::flat_buffer buffer_;
  beast::http::request<beast::http::string_body> message_;
  beast::http::response_parser<beast::http::string_body> parser_;
  beast::error_code error_;
};

class UnixHttpClient final : public HttpClient {
 public:
  UnixHttpClient(std::string path, std::size_t max_bytes)
      : path_(std::move(path)), max_bytes_(max_bytes) {}

  Result<HttpResponse> send(const HttpRequest& request) override try {
    Exchange exchange(request, max_bytes_);
    if (const auto error = exchange.run(path_)) return explain(error);
    return exchange.take_response();
  } catch (const std::exception& error) {  // a path that is too long for a socket address
    return fail(ErrorCode::kInvalidArgument, path_ + ": " + error.what());
  }

  Result<HttpResponse> stream(const HttpRequest&, const LineHandler&) override {
    return fail(ErrorCode::kUnsupported, path_ + ": answers on a Unix socket are not streamed");
  }

 private:
  tl::unexpected<Error> explain(const beast::error_code& error) const {
    auto code = ErrorCode::kUnavailable;
    if (error == beast::error::timeout) code = ErrorCode::kTimeout;
    if (error == beast::http::error::body_limit) code = ErrorCode::kCorrupt;
    if (error == asio::error::access_denied) code = ErrorCode::kPermissionDenied;
    return fail(code, path_ + ": " + error.message());
  }

  std::string path_;
  std::size_t max_bytes_;
};

}  // namespace

std::unique_ptr<HttpClient> make_unix_http_client(std::string socket_path,
                                                  std::size_t max_response_bytes) {
  return std::make_unique<UnixHttpClient>(std::move(socket_path), max_response_bytes);
}

}  // namespace lvs
