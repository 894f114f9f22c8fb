#include "agent/health/beast_kinds.h"
#include "agent/health/beast_socket.h"

namespace lvs {

namespace asio = boost::asio;
using Steady = std::chrono::steady_clock;

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
    failure_ = heard_ ? ProbeFailure::kOther : ProbeFailure::kSilent;
    timed_out("no answer within " + limit + " (" + doing_ + ")");
  });
  begin();
}

void Probe::note(const ErrorCode& error) {
  if (error == asio::error::connection_refused) failure_ = ProbeFailure::kRefused;
  // A machine that would have had to forward it says so.
  if (error == asio::error::host_unreachable) failure_ = ProbeFailure::kSilent;
}

void Probe::finish(bool healthy, std::string why) {
  if (!done_) return;
  close();
  deadline_.cancel();
  const auto took = std::chrono::duration_cast<Duration>(Steady::now() - began_);
  std::exchange(done_, nullptr)({healthy, std::move(why), took, failure_});
}

void StreamProbe::begin() {
  ErrorCode error;
  open_socket(server_, socket_, error);
  if (error) return unhealthy("opening a socket: " + error.message());
  socket_.async_connect(endpoint_of<asio::ip::tcp>(server_), next("connecting", [this] {
                          has_heard();
                          connected();
                        }));
}

void StreamProbe::close() {
  ErrorCode ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
}

}  // namespace lvs
