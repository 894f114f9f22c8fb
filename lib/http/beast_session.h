// Internal to lib/http/beast_*: one connection, from handshake to close. All of it runs on the
// stream's strand; only end() and the Responder's sink come from other threads, and post themselves
// there.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <type_traits>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include "http/beast_core.h"
#include "http/beast_handshake.h"
#include "http/beast_message.h"
#include "http/responder.h"

namespace lvs {

using TlsStream = boost::beast::ssl_stream<boost::beast::tcp_stream>;
using PlainStream = boost::beast::tcp_stream;
using UnixStream = boost::beast::basic_stream<boost::asio::local::stream_protocol>;

template <typename Stream>
class Session final : public Connection, public std::enable_shared_from_this<Session<Stream>> {
  static constexpr bool kTls = std::is_same_v<Stream, TlsStream>;
  using ErrorCode = boost::beast::error_code;
  using SteadyTime = std::chrono::steady_clock::time_point;

 public:
  template <typename... StreamArguments>
  Session(std::shared_ptr<ServerCore> core, std::string peer, StreamArguments&&... arguments)
      : core_(std::move(core)),
        peer_(std::move(peer)),
        stream_(std::forward<StreamArguments>(arguments)...) {}
  ~Session() override { core_->leave(this); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void start() {
    if constexpr (kTls) {
      stream_.set_verify_callback([this](bool preverified, auto& context) {
        return identity_.verify(preverified, context);
      });
      lowest().expires_after(core_->options.handshake_timeout);
      stream_.async_handshake(boost::asio::ssl::stream_base::server,
                              [self = this->shared_from_this()](ErrorCode error) {
                                if (error) return self->handshake_failed(error);
                                self->read_request(self->core_->options.request_timeout);
                              });
    } else {
      read_request(core_->options.request_timeout);
    }
  }

  void end(bool force) override {
    core_->post(stream_.get_executor(), [self = this->shared_from_this(), force] {
      if (force || !self->in_work_) self->close();
    });
  }

  auto executor() { return stream_.get_executor(); }

  // Any thread: the answer to the request in work.
  void answer(HttpResponse response) {
    core_->post(stream_.get_executor(), [self = this->shared_from_this(),
                                         answer = std::move(response)]() mutable {
      self->write(std::move(answer), self->parser_->keep_alive() && !self->core_->stopping);
    });
  }

 private:
  auto& lowest() { return boost::beast::get_lowest_layer(stream_); }
  void close() { lowest().close(); }

  void handshake_failed(const ErrorCode& error) {
    if (!core_->stopping) core_->refused(peer_, identity_.reason(error));
    if (!is_plain_http(error)) return close();
    static constexpr std::string_view kAnswer =
        "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\nThis port speaks HTTPS only.\n";
    boost::asio::async_write(
        lowest(), boost::asio::buffer(kAnswer),
        [self = this->shared_from_this()](ErrorCode, std::size_t) { self->close(); });
  }

  // Waits `patience` for the first byte; from there on the request's own deadline counts.
  void read_request(Duration patience) {
    in_work_ = false;
    if (core_->stopping) return close();
    parser_.emplace();
    parser_->header_limit(core_->options.max_header_bytes);
    parser_->body_limit(core_->options.max_body_bytes);
    if (buffer_.size() > 0) return read_header();
    lowest().expires_after(patience);
    boost::beast::http::async_read_some(
        stream_, buffer_, *parser_,
        [self = this->shared_from_this()](ErrorCode error, std::size_t) {
          if (error) return self->read_failed(error);
          self->read_header();
        });
  }

  void read_header() {
    in_work_ = true;
    deadline_ = std::chrono::steady_clock::now() + core_->options.request_timeout;
    if (parser_->is_header_done()) return header_done();
    lowest().expires_at(deadline_);
    boost::beast::http::async_read_header(
        stream_, buffer_, *parser_,
        [self = this->shared_from_this()](ErrorCode error, std::size_t) {
          if (error) return self->read_failed(error);
          self->header_done();
        });
  }

  void header_done() {
    if (parser_->is_done()) return handle();
    const auto& options = core_->options;
    const auto size = parser_->content_length().value_or(options.max_body_bytes);
    deadline_ += options.request_timeout * static_cast<int>(size >> 23U);
    lowest().expires_at(deadline_);
    if (!boost::beast::iequals(parser_->get()[boost::beast::http::field::expect], "100-continue")) {
      return read_body();
    }
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    boost::asio::async_write(stream_, boost::asio::buffer(kContinue),
                             [self = this->shared_from_this()](ErrorCode error, std::size_t) {
                               if (error) return self->close();
                               self->read_body();
                             });
  }

  void read_body() {
    boost::beast::http::async_read(stream_, buffer_, *parser_,
                                   [self = this->shared_from_this()](ErrorCode error, std::size_t) {
                                     if (error) return self->read_failed(error);
                                     self->handle();
                                   });
  }

  void read_failed(const ErrorCode& error) {
    const auto refusal = refusal_of(error, in_work_ || parser_->got_some());
    if (!refusal) return close();
    core_->refused(peer_, refusal->reason);
    if (refusal->status == 0) return close();
    write({refusal->status, {}, refusal->reason + "\n"}, false);
  }

  void handle() {
    struct Sink final : Responder::Sink {
      explicit Sink(std::shared_ptr<Session> owner) : session(std::move(owner)) {}
      void send(HttpResponse response) override { session->answer(std::move(response)); }
      std::shared_ptr<Session> session;
    };
    in_work_ = true;
    lowest().expires_never();
    head_only_ = parser_->get().method() == boost::beast::http::verb::head;
    ServerRequest request = to_server_request(parser_->get());
    request.peer_address = peer_;
    if constexpr (kTls) request.peer_name = identity_.name();
    try {
      core_->handler(std::move(request),
                     Responder(std::make_shared<Sink>(this->shared_from_this())));
    } catch (...) {
      // The Responder went down with the handler's frame and has answered 500.
      return;
    }
  }

  void write(HttpResponse response, bool keep_alive) {
    response_ = to_beast_response(std::move(response), keep_alive, head_only_);
    lowest().expires_after(core_->options.write_timeout);
    boost::beast::http::async_write(
        stream_, response_,
        [self = this->shared_from_this(), keep_alive](ErrorCode error, std::size_t) {
          if (error) return self->close();
          if (keep_alive) return self->read_request(self->core_->options.idle_timeout);
          ErrorCode ignored;
          self->lowest().socket().shutdown(boost::asio::socket_base::shutdown_send, ignored);
          self->lowest().expires_after(kLingering);
          self->linger();
        });
  }

  // A close with unread bytes resets the connection, and the client never sees the answer: take
  // what it still sends, for a moment.
  void linger() {
    stream_.async_read_some(boost::asio::buffer(scrap_),
                            [self = this->shared_from_this()](ErrorCode error, std::size_t) {
                              if (error) return self->close();
                              self->linger();
                            });
  }

  static constexpr std::chrono::seconds kLingering{2};

  const std::shared_ptr<ServerCore> core_;  // first in, last out: the stream needs its io_context
  const std::string peer_;
  ClientIdentity identity_{allowed_clients(core_->options)};
  Stream stream_;
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;
  BeastResponse response_;
  std::array<char, 4096> scrap_{};
  SteadyTime deadline_;
  bool in_work_ = false;
  bool head_only_ = false;
};

}  // namespace lvs
