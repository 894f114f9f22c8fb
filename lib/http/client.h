// An HTTP client: one server, blocking calls, no exception leaves. Thread-safe: any number of calls
// may run at the same time, each on its caller's thread. Connections are kept and reused.
//
// An answer of any status is a value; an Error means that there was no (whole) answer: kUnavailable
// (no connection, cut in the middle), kTimeout, kPermissionDenied (TLS refused by either side),
// kInvalidArgument (unusable options or request), kCorrupt (answer larger than allowed).
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "http/message.h"

namespace lvs {

struct HttpRequest {
  std::string method = "GET";
  std::string path_and_query = "/";  // already encoded
  HttpHeaders headers;
  std::string body;
  // send(): for the whole call. stream(): the longest silence between two pieces of the answer.
  Duration timeout{30'000};
  // Ends the call early, with kUnavailable.
  std::stop_token stop{};
  // stream() only: the answer is a success and its lines follow. On the caller's thread.
  std::function<void()> on_open{};
};

// PEM as text or as a file's name; the text wins where both are set. Files are read again for every
// new connection, so that rotated certificates are picked up.
struct PemSource {
  std::string text;
  std::string file;

  [[nodiscard]] bool empty() const { return text.empty() && file.empty(); }
  bool operator==(const PemSource&) const = default;
};

struct HttpClientOptions {
  // Trusted for the server's certificate; empty: the system's. Nothing else is trusted beside it.
  PemSource ca;
  PemSource certificate;  // of the client, with its chain
  PemSource key;
  // The name that the server's certificate must have, where it is not the URL's host.
  std::string server_name;
  // Only where the administrator asked for it in so many words.
  bool insecure_skip_verify = false;
  // Called before every request; empty text: no Authorization header. Must be thread-safe.
  std::function<Result<std::string>()> bearer_token;
  std::string user_agent = "lvs-operator";
  std::size_t max_response_bytes = std::size_t{64} << 20U;
  // A streamed line that is longer ends the stream with kCorrupt.
  std::size_t max_line_bytes = std::size_t{4} << 20U;
};

// One line without its line feed; false ends the stream (which then returns as if it had ended).
using LineHandler = std::function<bool(std::string_view line)>;

class HttpClient {
 public:
  virtual ~HttpClient() = default;

  [[nodiscard]] virtual Result<HttpResponse> send(const HttpRequest& request) = 0;

  // Reads the answer line by line as it arrives, until it ends, is cut, falls silent for `timeout`,
  // or `stop` is requested (returns within some milliseconds). A last line without line feed is
  // delivered only when the answer ended properly. An answer whose status is not 2xx is not
  // streamed: it is returned whole, with its body. Otherwise the response has status and headers
  // and an empty body.
  [[nodiscard]] virtual Result<HttpResponse> stream(const HttpRequest& request,
                                                    const LineHandler& on_line) = 0;
};

// `base_url` such as https://10.0.0.1:6443, with http only for tests and loopback; an IPv6 host
// stands in brackets. Nothing is dialled yet; certificates and keys that cannot be read are an
// error.
[[nodiscard]] Result<std::unique_ptr<HttpClient>> make_http_client(const std::string& base_url,
                                                                   HttpClientOptions options);

}  // namespace lvs
