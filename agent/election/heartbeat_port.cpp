#include "agent/election/heartbeat_port.h"

#include <atomic>
#include <deque>
#include <optional>
#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "agent/election/heartbeat_receiver.h"
#include "agent/election/heartbeat_socket.h"
#include "telemetry/log.h"

namespace lvs {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds kLookAround{1};

}  // namespace

class HeartbeatPort::Impl {
 public:
  Impl(HeartbeatPortOptions options, HeartbeatKeyFile file, HeartbeatKeyRing keys, Receive receive)
      : options_(std::move(options)),
        file_(std::move(file)),
        receive_(std::move(receive)),
        receiver_(options_.node, std::move(keys)),
        timer_(io_) {}
  ~Impl() {
    io_.stop();
    if (thread_.joinable()) thread_.join();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Result<void> listen() {
    if (options_.listen.empty()) return listen_everywhere();
    for (const IpAddress& address : options_.listen) {
      if (auto opened = listen_on(address); !opened) return opened;
    }
    return {};
  }

  void run() {
    for (Socket& socket : sockets_) wait_for(socket);
    look_around_later();
    thread_ = std::thread([this] { io_.run(); });
  }

  void set_peers(HeartbeatPeers peers) {
    asio::post(io_, [this, peers = std::move(peers)]() mutable {
      own_.clear();
      for (const HeartbeatAddress& each : peers[options_.node]) own_.push_back(each.address);
      receiver_.set_peers(std::move(peers));
    });
  }
  void send(Heartbeat heartbeat) {
    asio::post(io_, [this, heartbeat = std::move(heartbeat)]() mutable {
      send_now(std::move(heartbeat));
    });
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] HeartbeatStats stats() const {
    HeartbeatStats stats{sent_, receiver_.received(), {}};
    for (std::size_t i = 0; i < kHeartbeatTroubles; ++i) {
      stats.troubles[i] = receiver_.troubles().total(static_cast<HeartbeatTrouble>(i));
    }
    return stats;
  }

 private:
  struct Socket {
    Family family;
    asio::posix::stream_descriptor descriptor;
  };

  Result<void> listen_on(const IpAddress& address) {
    const auto socket = open_heartbeat_socket(address, port_ != 0 ? port_ : options_.port);
    if (!socket) return tl::unexpected(socket.error());
    sockets_.push_back({address.family(), asio::posix::stream_descriptor(io_, *socket)});
    port_ = bound_port(*socket);
    return {};
  }

  Result<void> listen_everywhere() {
    if (auto v4 = listen_on(IpAddress(Family::kV4, {})); !v4) return v4;
    auto v6 = listen_on(IpAddress(Family::kV6, {}));
    if (!v6 && v6.error().code != ErrorCode::kUnsupported) return v6;
    return {};
  }

  void wait_for(Socket& socket) {
    socket.descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                                 [this, &socket](const boost::system::error_code& error) {
                                   if (error == asio::error::operation_aborted) return;
                                   read_batch(socket);
                                   wait_for(socket);
                                 });
  }

  // One batch, then what else waits on this thread has its turn.
  void read_batch(Socket& socket) {
    const std::size_t count = batch_.read(socket.descriptor.native_handle());
    const TimePoint now = clock_.now();
    for (std::size_t i = 0; i < count; ++i) {
      const auto [from, bytes] = batch_.at(i);
      if (auto heartbeat = receiver_.take(bytes, from, now)) receive_(std::move(*heartbeat));
    }
  }

  void send_now(Heartbeat heartbeat) {
    const auto datagrams = receiver_.seal(std::move(heartbeat), clock_.now());
    if (!datagrams) return report_unsendable(datagrams.error());
    for (const auto& [_, addresses] : receiver_.peers()) {
      for (const HeartbeatAddress& to : addresses) send_to(to, *datagrams);
    }
  }

  // Each message once: the next heartbeat most likely has the same fault.
  void report_unsendable(const Error& error) {
    receiver_.troubles().count(HeartbeatTrouble::kNotSent, IpAddress(), clock_.now());
    if (std::exchange(unsendable_, error.message) == error.message) return;
    log_error("heartbeat not sent", {{"error", error.message}});
  }

  void send_to(const HeartbeatAddress& to, const std::vector<Datagram>& datagrams) {
    for (const Datagram& datagram : datagrams) {
      if (send_one(to, datagram)) {
        ++sent_;
      } else {
        receiver_.troubles().count(HeartbeatTrouble::kNotSent, to.address, clock_.now());
      }
    }
  }

  bool send_one(const HeartbeatAddress& to, const Datagram& datagram) {
    const std::uint16_t port = to.port != 0 ? to.port : port_;
    for (Socket& socket : sockets_) {
      if (socket.family != to.address.family()) continue;
      const int handle = socket.descriptor.native_handle();
      const auto from = nearest_address(own_, to.address);
      if (from && send_datagram(handle, datagram, to.address, port, from)) return true;
      // The plan may name an address that this machine does not have.
      return send_datagram(handle, datagram, to.address, port);
    }
    return false;
  }

  void look_around_later() {
    timer_.expires_after(kLookAround);
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      receiver_.troubles().flush(clock_.now());
      look_at_keys();
      look_around_later();
    });
  }

  void look_at_keys() {
    auto keys = file_.reload_if_changed();
    if (!keys) return;
    if (!*keys) {
      log_error("heartbeat keys not read again, those of before stay in use",
                {{"error", keys->error().message}});
      return;
    }
    log_info("heartbeat keys read again",
             {{"file", options_.key_file}, {"signing_id", (*keys)->signer().id()}});
    receiver_.set_keys(std::move(**keys));
  }

  const HeartbeatPortOptions options_;
  HeartbeatKeyFile file_;
  const Receive receive_;
  const SystemClock clock_;
  HeartbeatReceiver receiver_;
  ReceiveBatch batch_;
  std::vector<IpAddress> own_;  // the thread's
  std::atomic<std::uint64_t> sent_{0};
  std::uint16_t port_ = 0;
  std::string unsendable_;
  asio::io_context io_{1};
  asio::steady_timer timer_;
  std::deque<Socket> sockets_;
  std::thread thread_;
};

HeartbeatPort::HeartbeatPort(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HeartbeatPort::~HeartbeatPort() = default;

Result<std::unique_ptr<HeartbeatPort>> HeartbeatPort::open(HeartbeatPortOptions options,
                                                           Receive receive) {
  HeartbeatKeyFile file(options.key_file);
  auto keys = file.load();
  if (!keys) return tl::unexpected(keys.error());
  auto impl = std::make_unique<Impl>(std::move(options), std::move(file), std::move(*keys),
                                     std::move(receive));
  if (auto listening = impl->listen(); !listening) return tl::unexpected(listening.error());
  impl->run();
  return std::unique_ptr<HeartbeatPort>(new HeartbeatPort(std::move(impl)));
}

void HeartbeatPort::set_peers(HeartbeatPeers peers) { impl_->set_peers(std::move(peers)); }
void HeartbeatPort::send(Heartbeat heartbeat) { impl_->send(std::move(heartbeat)); }
std::uint16_t HeartbeatPort::port() const { return impl_->port(); }
HeartbeatStats HeartbeatPort::stats() const { return impl_->stats(); }

}  // namespace lvs
