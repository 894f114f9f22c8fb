#include "agent/health/beast_probe.h"

#include <algorithm>
#include <chrono>
#include <memory>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

namespace lvs {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using Steady = std::chrono::steady_clock;

asio::ip::tcp::endpoint endpoint_of(const CheckedServer& server) {
  const auto& bytes = server.address.bytes();
  if (server.address.family() == Family::kV4) {
    return {asio::ip::address_v4({bytes[0], bytes[1], bytes[2], bytes[3]}), server.port};
  }
  asio::ip::address_v6::bytes_type all{};
  std::copy_n(bytes.begin(), all.size(), all.begin());
  return {asio::ip::address_v6(all), server.port};
}

std::string host_of(const CheckedServer& server) {
  const std::string text = server.address.to_string();
  const bool v6 = server.address.family() == Family::kV6;
  return (v6 ? "[" + text + "]" : text) + ":" + std::to_string(server.port);
}

bool is_expected(unsigned status, const std::vector<StatusRange>& ranges) {
  return std::any_of(ranges.begin(), ranges.end(), [status](const StatusRange& range) {
    return static_cast<unsigned>(range.first) <= status &&
           status <= static_cast<unsigned>(range.last);
  });
}

std::string text_of(const std::vector<StatusRange>& ranges) {
  std::string text;
  for (const StatusRange& range : ranges) {
    text += (text.empty() ? "" : ", ") + std::to_string(range.first);
    if (range.last != range.first) text += "-" + std::to_string(range.last);
  }
  return text;
}

// What every kind has in common: connect, one time for everything, one result.
class Probe : public std::enable_shared_from_this<Probe> {
 public:
  Probe(asio::io_context& io, CheckedServer server, ProbeDone done)
      : server_(std::move(server)), stream_(io), done_(std::move(done)), began_(Steady::now()) {}
  virtual ~Probe() = default;
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

 protected:
  // The step that follows, or the end.
  template <typename Step>
  auto next(const char* doing, Step step) {
    return [self = shared_from_this(), doing, step](const error_code& error, auto...) {
      if (error) return self->fail(error, doing);
      step();
    };
  }

  virtual void connected() = 0;

 public:
  void start() {
    stream_.expires_after(server_.check.timeout);
    stream_.async_connect(endpoint_of(server_), next("connecting", [this] { connected(); }));
  }

 protected:
  void finish(bool healthy, std::string why) {
    // A reset leaves no connection behind on either side: probes come every second.
    error_code ignored;
    stream_.socket().set_option(asio::socket_base::linger(true, 0), ignored);
    stream_.socket().close(ignored);
    const auto took = std::chrono::duration_cast<Duration>(Steady::now() - began_);
    done_({healthy, std::move(why), took});
  }

  const CheckedServer server_;
  beast::tcp_stream stream_;

 private:
  void fail(const error_code& error, const char* doing) {
    if (error == beast::error::timeout) {
      const std::string limit = std::to_string(server_.check.timeout.count()) + " ms";
      return finish(false, "no answer within " + limit + " (" + doing + ")");
    }
    if (error == http::error::end_of_stream || error == http::error::partial_message) {
      return finish(false, "closed the connection before it answered");
    }
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
      return finish(false, "the header of the answer is longer than 16 KiB");
    }
    finish(false, std::string(doing) + ": " + error.message());
  }

  ProbeDone done_;
  Steady::time_point began_;
};

class TcpProbe final : public Probe {
 public:
  using Probe::Probe;

 private:
  void connected() override { finish(true, ""); }
};

class HttpProbe final : public Probe {
 public:
  HttpProbe(asio::io_context& io, CheckedServer server, ProbeDone done)
      : Probe(io, std::move(server), std::move(done)), answer_(kMostAnswer) {
    question_.version(11);
    question_.method(http::verb::get);
    question_.target(server_.check.path);
    question_.set(http::field::host, host_of(server_));
    question_.set(http::field::user_agent, "lvs-agent");
    question_.set(http::field::connection, "close");
    parser_.header_limit(kMostAnswer);
  }

 private:
  void connected() override {
    http::async_write(stream_, question_, next("asking", [this] { read(); }));
  }
  void read() {
    http::async_read_header(stream_, answer_, parser_, next("reading", [this] { judge(); }));
  }
  void judge() {
    const unsigned status = parser_.get().result_int();
    const auto& expected = server_.check.expect_status;
    if (is_expected(status, expected)) return finish(true, "");
    finish(false, "HTTP status " + std::to_string(status) + ", expected " + text_of(expected));
  }

  http::request<http::empty_body> question_;
  beast::flat_buffer answer_;
  http::response_parser<http::empty_body> parser_;
};

}  // namespace

void start_probe(asio::io_context& io, const CheckedServer& server, ProbeDone done) {
  std::shared_ptr<Probe> probe;
  if (server.check.type == "HTTP") {
    probe = std::make_shared<HttpProbe>(io, server, std::move(done));
  } else {
    probe = std::make_shared<TcpProbe>(io, server, std::move(done));
  }
  asio::post(io, [probe] { probe->start(); });
}

}  // namespace lvs
