#include <cerrno>
#include <fstream>
#include <mutex>
#include <sstream>
#include <system_error>
#include <thread>

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <net/if_arp.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/frames.h"

namespace lvs::cli {

class FrameCapture::Impl {
 public:
  Impl(int socket, const Endpoint& service)
      : socket_(socket),
        service_(service),
        thread_([this](const std::stop_token& over) { read(over); }) {}
  ~Impl() {
    end();
    ::close(socket_);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  FrameCounts take() {
    // The last frames may still be on their way through this machine.
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    end();
    return counts_;
  }

 private:
  void end() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
  }

  void read(const std::stop_token& over) {
    constexpr int kLook = 50;  // ms
    std::array<std::uint8_t, 256> frame{};
    while (!over.stop_requested()) {
      pollfd waiting{socket_, POLLIN, 0};
      if (::poll(&waiting, 1, kLook) <= 0) continue;
      sockaddr_ll from{};
      socklen_t size = sizeof(from);
      const auto got = ::recvfrom(socket_, frame.data(), frame.size(), MSG_DONTWAIT,
                                  reinterpret_cast<sockaddr*>(&from), &size);
      if (got <= 0 || from.sll_hatype != ARPHRD_ETHER) continue;
      count_frame(std::span(frame).first(static_cast<std::size_t>(got)), service_, counts_);
    }
  }

  int socket_;
  Endpoint service_;
  FrameCounts counts_;
  std::jthread thread_;
};

FrameCapture::FrameCapture(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
FrameCapture::~FrameCapture() = default;

Result<std::unique_ptr<FrameCapture>> FrameCapture::start(const Endpoint& service) {
  const int socket = ::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));
  if (socket < 0) {
    const bool refused = errno == EPERM || errno == EACCES;
    return fail(refused ? ErrorCode::kPermissionDenied : ErrorCode::kIo,
                "packet socket: " + std::generic_category().message(errno) +
                    (refused ? "; run as root, or with CAP_NET_RAW" : ""));
  }
  return std::unique_ptr<FrameCapture>(new FrameCapture(std::make_unique<Impl>(socket, service)));
}

FrameCounts FrameCapture::take() { return impl_->take(); }

std::map<Mac, std::string> known_neighbours() {
  std::map<Mac, std::string> names;
  std::ifstream file("/proc/net/arp");
  std::string line;
  std::getline(file, line);  // headings
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string address;
    std::string type;
    std::string flags;
    std::string hardware;
    words >> address >> type >> flags >> hardware;
    Mac mac{};
    if (std::sscanf(hardware.c_str(), "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &mac[0], &mac[1], &mac[2],
                    &mac[3], &mac[4], &mac[5]) == 6) {
      auto& name = names[mac];
      name += (name.empty() ? "" : ", ") + address;
    }
  }
  return names;
}

}  // namespace lvs::cli
