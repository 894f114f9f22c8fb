// HTTP and HTTPS: which status has the answer, and what is in its body? A redirect is not followed:
// where it leads is not this server. The body's text is looked for letter by letter: a regular
// expression (std::regex) takes exponential time and deep recursion when a server wants it to.
#include <algorithm>
#include <limits>
#include <optional>

#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include "agent/health/beast_kinds.h"

namespace lvs {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr std::size_t kMostHeader = std::size_t{16} << 10U;
constexpr std::size_t kMostBody = std::size_t{64} << 10U;

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

// The name in "shop.example:8080"; empty where it is an address, which no SNI may carry.
std::string name_in(const std::string& host) {
  std::string name = host.substr(0, host.find(':'));
  if (name.empty() || name.front() == '[' || IpAddress::parse(name)) return {};
  return name;
}

// A body that grows by what arrives: http::string_body makes room for as much as the server says
// that it will send.
struct ArrivingBody {
  using value_type = std::string;
  static std::uint64_t size(const value_type& body) { return body.size(); }

  class Reader {
   public:
    template <bool kIsRequest, typename Fields>
    Reader(http::header<kIsRequest, Fields>&, value_type& body) : body_(body) {}
    void init(const boost::optional<std::uint64_t>&, boost::system::error_code& error) {
      error = {};
    }
    template <typename Buffers>
    std::size_t put(const Buffers& buffers, boost::system::error_code& error) {
      const std::string arrived = boost::beast::buffers_to_string(buffers);
      body_ += arrived;
      error = {};
      return arrived.size();
    }
    void finish(boost::system::error_code& error) { error = {}; }

   private:
    value_type& body_;
  };
  using reader = Reader;  // the name by which Beast looks for it
};

class HttpProbe final : public StreamProbe {
 public:
  HttpProbe(ProbeTools& tools, const CheckedServer& server, ProbeDone done)
      : StreamProbe(tools.io, server, std::move(done)),
        check_(std::get<HttpCheck>(server_.check.kind)),
        contexts_(tools.tls),
        answer_(kMostHeader) {
    parser_.header_limit(kMostHeader);
    // A long body is no error: judge_body stops when it has seen enough.
    parser_.body_limit(std::numeric_limits<std::uint64_t>::max());
  }

 private:
  void connected() override {
    if (!check_.tls) return ask();
    const auto context = contexts_.context(*check_.tls);
    if (!context) return unhealthy(context.error().message);
    context_ = *context;
    tls_.emplace(socket_, *context_);
    const std::string& wanted = check_.tls->server_name;
    name_ = wanted.empty() ? name_in(check_.host) : wanted;
    expect_peer(tls_->native_handle(), name_, asked_address(server_));
    tls_->async_handshake(asio::ssl::stream_base::client, next("TLS", [this] { ask(); }));
  }

  void ask() {
    question_.version(check_.version == "1.0" ? 10 : 11);
    question_.method_string(check_.method);
    question_.target(check_.path);
    question_.set(http::field::host, host());
    question_.set(http::field::user_agent, "lvs-agent");
    question_.set(http::field::connection, "close");
    if (check_.method == "POST") question_.set(http::field::content_length, "0");
    for (const HttpHeader& header : check_.headers) question_.erase(header.name);
    for (const HttpHeader& header : check_.headers) question_.insert(header.name, header.value);
    const auto handler = next("asking", [this] { read_header(); });
    on_stream([&](auto& stream) { http::async_write(stream, question_, handler); });
  }
  void read_header() {
    const auto handler = next("reading", [this] { judge_status(); });
    on_stream([&](auto& stream) { http::async_read_header(stream, answer_, parser_, handler); });
  }
  void judge_status() {
    const unsigned status = parser_.get().result_int();
    if (!is_expected(status, check_.expect_status)) {
      const bool redirect = status / 100 == 3;
      return unhealthy("HTTP status " + std::to_string(status) + ", expected " +
                       text_of(check_.expect_status) +
                       (redirect ? " (redirects are not followed)" : ""));
    }
    if (check_.body_contains.empty()) return healthy();
    judge_body();
  }
  void judge_body() {
    const std::string& body = parser_.get().body();
    const std::size_t overlap = std::min(searched_, check_.body_contains.size() - 1);
    const std::string what = "the text " + quoted(check_.body_contains);
    if (body.find(check_.body_contains, searched_ - overlap) < kMostBody) return healthy();
    if (body.size() >= kMostBody)
      return unhealthy(what + " is not in the first 64 KiB of the body");
    if (parser_.is_done()) {
      return unhealthy(what + " is not in the body of " + std::to_string(body.size()) + " bytes");
    }
    searched_ = body.size();
    const auto handler = next("reading the body", [this] { judge_body(); });
    on_stream([&](auto& stream) { http::async_read_some(stream, answer_, parser_, handler); });
  }

  std::string host() const {
    if (!check_.host.empty()) return check_.host;
    if (!name_.empty()) return name_;
    const std::string text = asked_address(server_).to_string();
    const bool v6 = asked_address(server_).family() == Family::kV6;
    return (v6 ? "[" + text + "]" : text) + ":" + std::to_string(server_.port);
  }

  template <typename Use>
  void on_stream(Use use) {
    if (tls_) {
      use(*tls_);
    } else {
      use(socket_);
    }
  }

  std::string describe(const ErrorCode& error) const override {
    if (tls_) {
      const std::string expected = name_.empty() ? asked_address(server_).to_string() : name_;
      std::string refused = certificate_trouble(
          const_cast<asio::ssl::stream<asio::ip::tcp::socket&>&>(*tls_).native_handle(), expected);
      if (!refused.empty() && !check_.tls->insecure) return refused;
    }
    if (error == http::error::end_of_stream || error == http::error::partial_message) {
      return "the server closed the connection before it answered";
    }
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
      return "the header of the answer is longer than 16 KiB";
    }
    return error.message();
  }

  const HttpCheck& check_;
  CheckTls& contexts_;
  CheckTls::Context context_;
  std::optional<asio::ssl::stream<asio::ip::tcp::socket&>> tls_;
  std::string name_;  // the one that the certificate must have; empty: the address
  http::request<http::empty_body> question_;
  beast::flat_buffer answer_;
  http::response_parser<ArrivingBody> parser_;
  std::size_t searched_ = 0;
};

}  // namespace

std::shared_ptr<Probe> make_probe(const HttpCheck&, ProbeTools& tools, const CheckedServer& server,
                                  ProbeDone done) {
  return std::make_shared<HttpProbe>(tools, server, std::move(done));
}

}  // namespace lvs
