// A small HTTPS server that demands a client certificate and tells the handler whose it is; on a
// Unix socket (mode 0600), and where `plain` is asked for, the same without TLS. Bounded in every
// direction: connections, header, body, time.
//
// The server owns its threads. Handlers run on them, several at the same time, and must not block:
// what takes time keeps the Responder and answers later, from any thread. No exception leaves; one
// that a handler throws is answered with 500.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "http/message.h"

namespace lvs {

struct ServerRequest {
  std::string method;
  std::string path;                          // without the query, not decoded
  std::map<std::string, std::string> query;  // decoded; the first of equal names wins
  HttpHeaders headers;
  std::string body;
  std::string peer_address;  // "192.0.2.1:4711", "[2001:db8::1]:4711", "unix"
  std::string peer_name;     // the allowed name of the client's certificate; empty without TLS
};

// The one answer to one request. Dropped unanswered, it answers 500. Answers after the client has
// gone or the server has stopped go nowhere.
class Responder {
 public:
  class Sink;  // the server's side of it
  explicit Responder(std::shared_ptr<Sink> sink);
  Responder(Responder&&) noexcept;
  Responder& operator=(Responder&&) noexcept;
  Responder(const Responder&) = delete;
  Responder& operator=(const Responder&) = delete;
  ~Responder();

  // Any thread; the first call counts, later ones do nothing.
  void respond(HttpResponse response);

 private:
  std::shared_ptr<Sink> sink_;
};

using ServerHandler = std::function<void(ServerRequest, Responder)>;

// Files are read again when they have changed, at the next connection; while a new set does not
// load (a rotation half done), the last good one stays in use and on_tls_error is told.
struct ServerTls {
  std::string certificate_file;  // with its chain
  std::string key_file;
  std::string client_ca_file;
  // Common name or DNS name of the certificates that are let in; empty: all that the CA signed.
  std::vector<std::string> allowed_clients;
};

struct TcpListen {
  std::string address = "0.0.0.0";  // or "::", which takes both families
  std::uint16_t port = 0;           // 0: any free one, see HttpServer::port()
  ServerTls tls;
  // Without TLS and for everybody, `tls` unused: only for what is no secret and changes nothing.
  bool plain = false;
};

struct ServerOptions {
  std::optional<TcpListen> tcp;
  std::string unix_socket;  // path; empty: none. A stale socket file is replaced
  std::size_t max_body_bytes = std::size_t{64} << 20U;  // more: 413
  std::uint32_t max_header_bytes = 16U << 10U;          // more: 431
  std::size_t max_connections = 128;                    // more: closed at once and reported
  Duration handshake_timeout{5'000};
  // From the first byte of a request to its last; per 8 MiB of body beyond the first the same
  // again.
  Duration request_timeout{10'000};
  Duration idle_timeout{120'000};  // between requests of a kept connection
  Duration write_timeout{30'000};  // for one response
  int threads = 2;
  // A connection was turned away: plain HTTP, garbage, no certificate, wrong CA, wrong name,
  // expired, too many, too slow. Called from the server's threads, at the rate at which clients
  // misbehave.
  std::function<void(const std::string& peer_address, const std::string& reason)> on_refused;
  std::function<void(const std::string& message)> on_tls_error;
};

class HttpServer {
 public:
  virtual ~HttpServer() = default;  // stops
  // Of the TCP listener; 0 where there is none.
  [[nodiscard]] virtual std::uint16_t port() const = 0;
  // Takes no more connections, lets requests in work finish for at most `grace`, then closes all
  // and joins the threads. Not from a handler. Idempotent.
  virtual void stop(Duration grace) = 0;
};

// Listens when it returns.
[[nodiscard]] Result<std::unique_ptr<HttpServer>> start_http_server(ServerOptions options,
                                                                    ServerHandler handler);

}  // namespace lvs
