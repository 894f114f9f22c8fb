#include "agent/election/wire_prober.h"

#include <array>
#include <cerrno>
#include <map>
#include <system_error>
#include <thread>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include "agent/election/neighbour_frames.h"
#include "agent/election/packet_socket.h"
#include "agent/election/wire_sightings.h"

namespace lvs {
namespace {

namespace asio = boost::asio;
using asio::posix::stream_descriptor;

// Frames read in one go; then what else waits on the thread has its turn.
constexpr int kBatch = 64;

bool is_asked_on(const ObservedLink& link) {
  return !link.loopback && !link.noarp && link.hardware_address != HardwareAddress{};
}

WireEvent to_event(const NeighbourWord& word) {
  if (word.kind == NeighbourWord::Kind::kAnswer) return WireAnswered{word.address, word.from};
  return AnnouncementSeen{word.address, word.from};
}

}  // namespace

class WireProber::Impl {
 public:
  Impl(int sending, Report report, Heard heard)
      : report_(std::move(report)),
        heard_(std::move(heard)),
        sending_(io_, sending),
        work_(io_.get_executor()) {}
  ~Impl() {
    io_.stop();
    if (thread_.joinable()) thread_.join();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void run() {
    thread_ = std::thread([this] { io_.run(); });
  }

  // Sockets are opened and closed here; the thread only reads.
  Result<void> watch(const std::vector<WatchedVip>& vips) {
    std::map<Place, ObservedLink> wanted;
    WireSightings::Watched watched;
    for (const auto& [vip, link] : vips) {
      if (!is_asked_on(link)) continue;
      wanted.emplace(Place{vip.family(), link.index, link.hardware_address}, link);
      watched.emplace(link.index, vip);
    }
    asio::post(io_, [this, watched = std::move(watched)] { sightings_.watch(watched); });
    close_unwanted(wanted);
    return open_missing(wanted);
  }

  Result<void> ask(const IpAddress& vip, const ObservedLink& link,
                   const std::optional<IpAddress>& source) {
    const std::string what = "ask for " + vip.to_string() + " on " + link.name;
    if (!is_asked_on(link)) {
      return fail(ErrorCode::kInvalidArgument,
                  what + ": nobody answers there; name an Ethernet interface");
    }
    const Frame frame = wire_question(vip, link.hardware_address, source);
    sockaddr_ll to{};
    to.sll_family = AF_PACKET;
    to.sll_ifindex = link.index;
    const auto sent = ::sendto(sending_.native_handle(), frame.data(), frame.size(), MSG_DONTWAIT,
                               reinterpret_cast<const sockaddr*>(&to), sizeof to);
    if (sent >= 0) return {};
    return fail(ErrorCode::kUnavailable, what + ": " + std::generic_category().message(errno));
  }

 private:
  // What a socket listens on; a link with another hardware address is another one.
  struct Place {
    Family family;
    int link_index;
    HardwareAddress own;
    auto operator<=>(const Place&) const = default;
  };
  using Listener = std::shared_ptr<stream_descriptor>;

  void close_unwanted(const std::map<Place, ObservedLink>& wanted) {
    std::erase_if(listeners_, [&](const auto& entry) {
      if (wanted.contains(entry.first)) return false;
      asio::post(io_, [listener = entry.second] { listener->close(); });
      return true;
    });
  }

  Result<void> open_missing(const std::map<Place, ObservedLink>& wanted) {
    Result<void> outcome;
    for (const auto& [place, link] : wanted) {
      if (listeners_.contains(place)) continue;
      const auto socket = open_neighbour_socket(place.family, link.index, link.name);
      if (!socket) {
        if (outcome) outcome = tl::unexpected(socket.error());
        continue;
      }
      auto listener = std::make_shared<stream_descriptor>(io_, *socket);
      listeners_.emplace(place, listener);
      asio::post(io_, [this, listener, where = place] { wait_for(listener, where); });
    }
    return outcome;
  }

  void wait_for(const Listener& listener, const Place& place) {
    listener->async_wait(stream_descriptor::wait_read,
                         [this, listener, place](const boost::system::error_code& error) {
                           if (error || !listener->is_open()) return;
                           read_batch(listener->native_handle(), place);
                           wait_for(listener, place);
                         });
  }

  // A link that went down is an error once, which reading takes away.
  void read_batch(int socket, const Place& place) {
    std::array<std::uint8_t, 256> bytes{};
    for (int i = 0; i < kBatch; ++i) {
      const auto size = ::recv(socket, bytes.data(), bytes.size(), MSG_DONTWAIT);
      if (size < 0) return;
      const auto frame = FrameView(bytes).first(static_cast<std::size_t>(size));
      const auto word = read_neighbour_frame(frame, place.own);
      if (word) heard_(place.link_index);
      if (word && sightings_.is_news(place.link_index, *word, clock_.now())) {
        report_(to_event(*word));
      }
    }
  }

  const Report report_;
  const Heard heard_;
  const SystemClock clock_;
  WireSightings sightings_;  // the thread's
  asio::io_context io_{1};
  stream_descriptor sending_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::map<Place, Listener> listeners_;  // the caller's
  std::thread thread_;
};

WireProber::WireProber(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
WireProber::~WireProber() = default;

Result<std::unique_ptr<WireProber>> WireProber::open(Report report, Heard heard) {
  const auto socket = open_sending_socket();
  if (!socket) return tl::unexpected(socket.error());
  auto impl = std::make_unique<Impl>(*socket, std::move(report), std::move(heard));
  impl->run();
  return std::unique_ptr<WireProber>(new WireProber(std::move(impl)));
}

Result<void> WireProber::watch(const std::vector<WatchedVip>& vips) { return impl_->watch(vips); }

Result<void> WireProber::ask(const IpAddress& vip, const ObservedLink& link,
                             const std::optional<IpAddress>& source) {
  return impl_->ask(vip, link, source);
}

}  // namespace lvs
