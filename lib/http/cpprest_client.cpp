// The only file that knows cpprest's HTTP client.
//
// Traps of the library that this file works around: its per-request timeout is one for the whole
// client (so deadlines are ours and end a call through its cancellation token); it trusts the
// system's CAs beside the given one; it verifies the certificate against the Host header; it takes
// an IPv6 host only without brackets; it starts 40 threads.

#include <algorithm>
#include <array>

#include <cpprest/http_client.h>
#include <pplx/threadpool.h>

#include "http/base_url.h"
#include "http/client.h"
#include "http/cpprest_await.h"
#include "http/line_splitter.h"
#include "http/tls_context.h"
#include "http/tls_witness.h"

namespace lvs {
namespace {

namespace rest = web::http;

constexpr std::size_t kLibraryThreads = 4;
constexpr std::size_t kPiece = std::size_t{64} << 10U;
// Deadlines are kept by the callers' threads; the library's own is out of the way.
constexpr std::chrono::hours kLibraryTimeout{24 * 365};

// Thrown through the library to end a transfer; caught in this file.
struct TooLarge : std::exception {
  [[nodiscard]] const char* what() const noexcept override { return "answer too large"; }
};

std::string cause_of(const std::error_code& code) {
  if (code.value() == 0) return {};
  // The library gives a refused connection out as this one.
  if (code == std::errc::host_unreachable) return " (connection refused or no route to host)";
  return " (" + code.message() + ")";
}

bool is_success(int status) { return status >= 200 && status < 300; }

// One request from start to end, on the caller's thread. What it leaves unfinished it cancels,
// which closes the connection; a finished one goes back to the library's pool.
class Call {
 public:
  Call(rest::client::http_client& client, const HttpRequest& request)
      : client_(client),
        stop_(request.stop),
        timeout_(request.timeout),
        deadline_(now() + request.timeout) {}
  ~Call() {
    if (!finished_) cancel_.cancel();
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  rest::http_response headers(const rest::http_request& request) {
    return await(client_.request(request, cancel_.get_token()));
  }

  template <typename T>
  T await(const pplx::task<T>& task) {
    Awaited<T> awaited(task);
    switch (awaited.wait_until(deadline_, stop_)) {
      case AwaitOutcome::kDone:
        return awaited.take();
      case AwaitOutcome::kStopped:
        throw Error{ErrorCode::kUnavailable, "stopped"};
      case AwaitOutcome::kTimeout:
        break;
    }
    throw Error{ErrorCode::kTimeout, "no answer in " + std::to_string(timeout_.count()) + " ms"};
  }

  // The answer has been read to its end; throws where that end is a cut.
  void finish(const rest::http_response& response) {
    await(response.content_ready());
    finished_ = true;
  }
  void extend_deadline() { deadline_ = now() + timeout_; }
  [[nodiscard]] TimePoint started() const { return started_; }

 private:
  static TimePoint now() { return SystemClock{}.now(); }

  rest::client::http_client& client_;
  std::stop_token stop_;
  Duration timeout_;
  TimePoint started_ = now();
  TimePoint deadline_;
  pplx::cancellation_token_source cancel_;
  bool finished_ = false;
};

HttpResponse head_of(const rest::http_response& response) {
  HttpResponse result;
  result.status = response.status_code();
  for (const auto& [name, value] : response.headers()) result.headers[name] = value;
  return result;
}

// Waits for at least one byte and returns what is there; empty at the end.
std::string next_piece(Call& call, concurrency::streams::streambuf<std::uint8_t> buffer) {
  using Traits = concurrency::streams::streambuf<std::uint8_t>::traits;
  const auto first = call.await(buffer.bumpc());
  if (first == Traits::eof()) return {};
  std::string piece(1, static_cast<char>(first));
  const std::size_t more = std::min(buffer.in_avail(), kPiece);
  piece.resize(1 + more);
  if (more > 0) {
    auto* target = reinterpret_cast<std::uint8_t*>(piece.data() + 1);
    piece.resize(1 + buffer.getn(target, more).get());  // never waits: the bytes are there
  }
  return piece;
}

class CpprestClient final : public HttpClient {
 public:
  CpprestClient(BaseUrl base, HttpClientOptions options)
      : base_(std::move(base)),
        options_(std::make_shared<const HttpClientOptions>(std::move(options))),
        client_(web::uri(base_.unbracketed), configuration()) {}

  Result<HttpResponse> send(const HttpRequest& request) override {
    return run(request, [this](Call& call, const rest::http_request& prepared) {
      const auto response = call.headers(prepared);
      return read_whole(call, response);
    });
  }

  Result<HttpResponse> stream(const HttpRequest& request, const LineHandler& on_line) override {
    return run(request, [&](Call& call, const rest::http_request& prepared) {
      const auto response = call.headers(prepared);
      if (!is_success(response.status_code())) return read_whole(call, response);
      if (request.on_open) request.on_open();
      read_lines(call, response, on_line);
      return head_of(response);
    });
  }

 private:
  rest::client::http_client_config configuration() {
    rest::client::http_client_config config;
    config.set_timeout(kLibraryTimeout);
    config.set_validate_certificates(!options_->insecure_skip_verify);
    // An address is no server name (RFC 6066).
    config.set_tlsext_sni_enabled(verified_name().find_first_not_of("0123456789.:abcdefABCDEF") !=
                                  std::string::npos);
    config.set_ssl_context_callback(
        [options = options_, witness = witness_](boost::asio::ssl::context& context) {
          tls::attach(context.native_handle(), witness);
          const auto done = tls::configure_client(context.native_handle(), *options);
          if (!done) throw done.error();
        });
    return config;
  }

  [[nodiscard]] const std::string& verified_name() const {
    return options_->server_name.empty() ? base_.host : options_->server_name;
  }

  // Runs one call; whatever is thrown on the way becomes an Error.
  template <typename Body>
  Result<HttpResponse> run(const HttpRequest& request, const Body& body) {
    Call call(client_, request);
    try {
      const auto prepared = prepare(request);
      return body(call, prepared);
    } catch (const Error& error) {
      return named(request, error);
    } catch (const TooLarge&) {
      return named(request, {ErrorCode::kCorrupt, "the answer is larger than " +
                                                      std::to_string(options_->max_response_bytes) +
                                                      " bytes"});
    } catch (const std::exception& e) {
      return named(request, failure(call, e));
    }
  }

  // Without the query, so that the same trouble reads the same every time.
  [[nodiscard]] tl::unexpected<Error> named(const HttpRequest& request, const Error& error) const {
    const std::string path = request.path_and_query.substr(0, request.path_and_query.find('?'));
    return fail_at(request.method + " " + base_.text + path, error);
  }

  [[nodiscard]] Error failure(const Call& call, const std::exception& e) const {
    const std::string seen = witness_->since(call.started());
    if (!seen.empty()) return {ErrorCode::kPermissionDenied, seen};
    if (const auto* http = dynamic_cast<const rest::http_exception*>(&e)) {
      return {ErrorCode::kUnavailable, e.what() + cause_of(http->error_code())};
    }
    return {ErrorCode::kUnavailable, e.what()};
  }

  [[nodiscard]] rest::http_request prepare(const HttpRequest& request) const {
    rest::http_request prepared(request.method);
    prepared.set_request_uri(web::uri(request.path_and_query));
    prepared.headers().add("Host", verified_name());
    prepared.headers().add("User-Agent", options_->user_agent);
    if (!request.body.empty()) prepared.set_body(request.body, "application/json");
    for (const auto& [name, value] : request.headers) {
      prepared.headers().remove(name);
      prepared.headers().add(name, value);
    }
    if (options_->bearer_token) {
      const auto token = options_->bearer_token();
      if (!token) throw token.error();
      if (!token->empty()) prepared.headers().add("Authorization", "Bearer " + *token);
    }
    return prepared;
  }

  [[nodiscard]] HttpResponse read_whole(Call& call, const rest::http_response& response) const {
    HttpResponse result = head_of(response);
    auto buffer = response.body().streambuf();
    for (;;) {
      const std::string piece = next_piece(call, buffer);
      if (piece.empty()) break;
      result.body += piece;
      if (result.body.size() > options_->max_response_bytes) throw TooLarge{};
    }
    call.finish(response);
    return result;
  }

  void read_lines(Call& call, const rest::http_response& response,
                  const LineHandler& on_line) const {
    LineSplitter splitter(on_line, options_->max_line_bytes);
    auto buffer = response.body().streambuf();
    for (;;) {
      call.extend_deadline();
      const std::string piece = next_piece(call, buffer);
      if (piece.empty()) break;
      const auto state = splitter.feed(piece);
      if (state == LineSplitter::State::kEnded) return;
      if (state == LineSplitter::State::kTooLong) {
        throw Error{ErrorCode::kCorrupt,
                    "a line is longer than " + std::to_string(options_->max_line_bytes) + " bytes"};
      }
    }
    call.finish(response);
    splitter.finish();
  }

  BaseUrl base_;
  std::shared_ptr<const HttpClientOptions> options_;
  std::shared_ptr<tls::Witness> witness_ = std::make_shared<tls::Witness>();
  rest::client::http_client client_;
};

void limit_library_threads() {
  static std::once_flag once;
  std::call_once(once, [] {
    try {
      crossplat::threadpool::initialize_with_threads(kLibraryThreads);
    } catch (const std::exception&) {
      return;  // somebody started it before
    }
  });
}

// Options that cannot work are said at once and not at the first connection.
Result<void> check(const HttpClientOptions& options) {
  // The system's own certificates cannot be wrong here, and take 30 ms to load.
  if (options.ca.empty() && options.certificate.empty() && options.key.empty()) return {};
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  auto result = tls::configure_client(context, options);
  SSL_CTX_free(context);
  return result;
}

}  // namespace

Result<std::unique_ptr<HttpClient>> make_http_client(const std::string& base_url,
                                                     HttpClientOptions options) {
  auto base = parse_base_url(base_url);
  if (!base) return tl::unexpected(base.error());
  if (auto usable = check(options); !usable) return tl::unexpected(usable.error());
  limit_library_threads();
  try {
    return std::make_unique<CpprestClient>(std::move(*base), std::move(options));
  } catch (const std::exception& e) {
    return fail(ErrorCode::kInvalidArgument, base_url + ": " + e.what());
  }
}

}  // namespace lvs
