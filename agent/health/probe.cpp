#include <algorithm>

#include <boost/asio/ip/address.hpp>

#include "agent/health/beast_kinds.h"

namespace lvs {

namespace asio = boost::asio;
using Steady = std::chrono::steady_clock;

asio::ip::address asio_address(const IpAddress& address) {
  const auto& bytes = address.bytes();
  if (address.family() == Family::kV4) {
    return asio::ip::address_v4({bytes[0], bytes[1], bytes[2], bytes[3]});
  }
  asio::ip::address_v6::bytes_type all{};
  std::copy_n(bytes.begin(), all.size(), all.begin());
  return asio::ip::address_v6(all);
}

std::string quoted(std::string_view bytes) {
  constexpr std::size_t kMost = 60;
  std::string text = "\"";
  for (const char c : bytes.substr(0, kMost)) text += c >= ' ' && c <= '~' ? c : '.';
  return text + (bytes.size() > kMost ? "...\"" : "\"");
}

void Probe::start() {
  began_ = Steady::now();
  deadline_.expires_after(server_.check.timeout);
  deadline_.async_wait([self = shared_from_this(), this](const ErrorCode& error) {
    if (error || !done_) return;
    const std::string limit = std::to_string(server_.check.timeout.count()) + " ms";
    timed_out("no answer within " + limit + " (" + doing_ + ")");
  });
  begin();
}

void Probe::finish(bool healthy, std::string why) {
  if (!done_) return;
  close();
  deadline_.cancel();
  const auto took = std::chrono::duration_cast<Duration>(Steady::now() - began_);
  std::exchange(done_, nullptr)({healthy, std::move(why), took});
}

void StreamProbe::begin() {
  socket_.async_connect({asio_address(server_.address), server_.port},
                        next("connecting", [this] { connected(); }));
}

void StreamProbe::close() {
  ErrorCode ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
}

}  // namespace lvs
