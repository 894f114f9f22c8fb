// HttpServer on Boost.Beast: listeners, threads, orderly end.

#include <cstring>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "http/beast_session.h"
#include "http/beast_tls.h"

namespace lvs {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Local = asio::local::stream_protocol;

constexpr std::chrono::milliseconds kPauseAfterAcceptError{100};

tl::unexpected<Error> cannot_listen(const std::string& where,
                                    const boost::system::error_code& error) {
  return fail(ErrorCode::kIo, "cannot listen on " + where + ": " + error.message());
}

// A peer that was switched off shows after about a minute, also while nothing is sent.
void notice_dead_peers(tcp::socket& socket) {
  boost::system::error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  const int idle = 30;
  const int interval = 10;
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
}

std::string text_of(const tcp::endpoint& endpoint) {
  const auto address = endpoint.address();
  if (address.is_v4()) return address.to_string() + ":" + std::to_string(endpoint.port());
  const auto v6 = address.to_v6();
  if (v6.is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, v6).to_string() + ":" +
           std::to_string(endpoint.port());
  }
  return "[" + v6.to_string() + "]:" + std::to_string(endpoint.port());
}

// Accepts for ever; `take` gets every socket.
template <typename Protocol>
class Listener : public std::enable_shared_from_this<Listener<Protocol>> {
 public:
  using Socket = typename Protocol::socket;
  using Take = std::function<void(Socket)>;

  Listener(asio::io_context& io, Take take)
      : acceptor_(asio::make_strand(io)),
        pause_(acceptor_.get_executor()),
        io_(io),
        take_(std::move(take)) {}

  typename Protocol::acceptor& acceptor() { return acceptor_; }

  void accept() {
    acceptor_.async_accept(
        asio::make_strand(io_),
        [self = this->shared_from_this()](boost::system::error_code error, Socket socket) {
          if (!self->acceptor_.is_open()) return;
          if (error) return self->accept_later();
          self->take_(std::move(socket));
          self->accept();
        });
  }

  void close() {
    asio::post(acceptor_.get_executor(), [self = this->shared_from_this()] {
      boost::system::error_code ignored;
      self->acceptor_.close(ignored);
      self->pause_.cancel();
    });
  }

 private:
  // Out of file descriptors, most likely: come back when there may be some.
  void accept_later() {
    pause_.expires_after(kPauseAfterAcceptError);
    pause_.async_wait([self = this->shared_from_this()](boost::system::error_code error) {
      if (!error) self->accept();
    });
  }

  typename Protocol::acceptor acceptor_;
  asio::steady_timer pause_;
  asio::io_context& io_;
  Take take_;
};

Result<void> open_tcp(tcp::acceptor& acceptor, const TcpListen& listen) {
  const std::string where = listen.address + " port " + std::to_string(listen.port);
  boost::system::error_code error;
  const auto address = asio::ip::make_address(listen.address, error);
  if (error)
    return fail(ErrorCode::kInvalidArgument,
                "listen address " + listen.address + ": is not an IP address");
  const tcp::endpoint endpoint(address, listen.port);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error && address.is_v6()) acceptor.set_option(asio::ip::v6_only(false), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return cannot_listen(where, error);
  return {};
}

// Removes a socket file that nobody listens on.
Result<void> clear_stale_socket(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return {};
  if (!S_ISSOCK(info.st_mode)) {
    return fail(ErrorCode::kAlreadyExists, path + ": exists and is not a socket, remove it");
  }
  asio::io_context io;
  Local::socket probe(io);
  boost::system::error_code error;
  probe.connect(Local::endpoint(path), error);
  if (!error) return fail(ErrorCode::kAlreadyExists, path + ": another process listens on it");
  ::unlink(path.c_str());
  return {};
}

Result<void> open_unix(Local::acceptor& acceptor, const std::string& path) {
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    return fail(ErrorCode::kInvalidArgument,
                path + ": longer than a socket's path may be (107 bytes)");
  }
  if (auto cleared = clear_stale_socket(path); !cleared) return cleared;
  boost::system::error_code error;
  acceptor.open(Local{}, error);
  if (!error) acceptor.bind(Local::endpoint(path), error);
  if (error) return cannot_listen(path, error);
  // Before listen() nobody can connect, so there is no moment with a wider mode.
  if (::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0) {
    return fail(ErrorCode::kIo, path + ": chmod: " + std::strerror(errno));
  }
  acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return cannot_listen(path, error);
  return {};
}

class BeastServer final : public HttpServer {
 public:
  BeastServer(ServerOptions options, ServerHandler handler)
      : core_(std::make_shared<ServerCore>(std::move(options), std::move(handler))),
        work_(core_->io.get_executor()) {}
  ~BeastServer() override { stop(Duration{0}); }

  Result<void> listen() {
    const auto& options = core_->options;
    if (options.tcp) {
      if (auto usable = load_tls(); !usable) return usable;
      tcp_ =
          std::make_shared<Listener<tcp>>(core_->io, [this](tcp::socket s) { take(std::move(s)); });
      if (auto opened = open_tcp(tcp_->acceptor(), *options.tcp); !opened) return opened;
      port_ = tcp_->acceptor().local_endpoint().port();
    }
    if (!options.unix_socket.empty()) {
      unix_ = std::make_shared<Listener<Local>>(core_->io,
                                                [this](Local::socket s) { take(std::move(s)); });
      if (auto opened = open_unix(unix_->acceptor(), options.unix_socket); !opened) return opened;
    }
    return {};
  }

  void run() {
    if (tcp_) tcp_->accept();
    if (unix_) unix_->accept();
    for (int i = 0; i < std::max(core_->options.threads, 1); ++i) {
      threads_.emplace_back([core = core_] { core->io.run(); });
    }
  }

  [[nodiscard]] std::uint16_t port() const override { return port_; }

  void stop(Duration grace) override {
    if (core_->stopping.exchange(true)) return;
    if (tcp_) tcp_->close();
    if (unix_) unix_->close();
    end_connections(false);
    {
      std::unique_lock lock(core_->mutex);
      core_->all_gone.wait_for(lock, grace, [this] { return core_->connections.empty(); });
    }
    end_connections(true);
    {
      const std::lock_guard lock(core_->mutex);
      core_->ended = true;
    }
    work_.reset();
    for (auto& thread : threads_) thread.join();
    if (unix_) ::unlink(core_->options.unix_socket.c_str());
  }

 private:
  Result<void> load_tls() {
    const auto& options = core_->options;
    if (options.tcp->plain) return {};
    tls_ = std::make_unique<ServerTlsContext>(options.tcp->tls, options.on_tls_error);
    if (const auto usable = tls_->current(); !usable) return tl::unexpected(usable.error());
    return {};
  }

  void end_connections(bool force) {
    std::vector<std::shared_ptr<Connection>> alive;
    {
      const std::lock_guard lock(core_->mutex);
      for (const auto& [_, weak] : core_->connections) {
        if (auto connection = weak.lock()) alive.push_back(std::move(connection));
      }
    }
    for (const auto& connection : alive) connection->end(force);
  }

  void take(tcp::socket socket) {
    boost::system::error_code error;
    const auto endpoint = socket.remote_endpoint(error);
    if (error) return;  // gone already
    notice_dead_peers(socket);
    if (!tls_) return start<PlainStream>(text_of(endpoint), std::move(socket));
    const auto context = tls_->current();
    if (!context) return core_->refused(text_of(endpoint), context.error().message);
    start<TlsStream>(text_of(endpoint), std::move(socket), **context);
  }

  void take(Local::socket socket) { start<UnixStream>("unix", std::move(socket)); }

  template <typename Stream, typename... Arguments>
  void start(const std::string& peer, Arguments&&... arguments) {
    auto session =
        std::make_shared<Session<Stream>>(core_, peer, std::forward<Arguments>(arguments)...);
    if (core_->enter(session))
      return asio::post(session->executor(), [session] { session->start(); });
    if (!core_->stopping) core_->refused(peer, "too many connections");
  }

  std::shared_ptr<ServerCore> core_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::unique_ptr<ServerTlsContext> tls_;  // null: plain
  std::shared_ptr<Listener<tcp>> tcp_;
  std::shared_ptr<Listener<Local>> unix_;
  std::vector<std::thread> threads_;
  std::uint16_t port_ = 0;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> start_http_server(ServerOptions options,
                                                      ServerHandler handler) {
  if (!options.tcp && options.unix_socket.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "server: neither an address nor a socket to listen on");
  }
  try {
    auto server = std::make_unique<BeastServer>(std::move(options), std::move(handler));
    if (auto listening = server->listen(); !listening) return tl::unexpected(listening.error());
    server->run();
    return server;
  } catch (const std::exception& e) {
    return fail(ErrorCode::kIo, std::string("server: ") + e.what());
  }
}

}  // namespace lvs
