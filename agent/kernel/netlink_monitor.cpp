#include "agent/kernel/netlink_monitor.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace lvs {
namespace {

constexpr std::size_t kEventBytes = std::size_t{32} * 1024;

tl::unexpected<Error> failure(int error_number) {
  return fail(ErrorCode::kIo, "network monitor: " + std::generic_category().message(error_number));
}

}  // namespace

Result<std::unique_ptr<NetworkMonitor>> NetworkMonitor::start(OnChange on_change) {
  std::unique_ptr<NetworkMonitor> monitor(new NetworkMonitor(std::move(on_change)));
  if (auto opened = monitor->open(); !opened) return tl::unexpected(opened.error());
  monitor->thread_ = std::thread([raw = monitor.get()] { raw->run(); });
  return monitor;
}

NetworkMonitor::~NetworkMonitor() {
  if (thread_.joinable()) {
    eventfd_write(stop_, 1);
    thread_.join();
  }
  if (events_ >= 0) close(events_);
  if (stop_ >= 0) close(stop_);
}

Result<void> NetworkMonitor::open() {
  stop_ = eventfd(0, EFD_CLOEXEC);
  events_ = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  if (stop_ < 0 || events_ < 0) return failure(errno);
  sockaddr_nl groups{};
  groups.nl_family = AF_NETLINK;
  groups.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
  if (bind(events_, reinterpret_cast<const sockaddr*>(&groups), sizeof(groups)) != 0) {
    return failure(errno);
  }
  return {};
}

void NetworkMonitor::run() {
  while (wait_for_event()) {
    if (!drain()) continue;
    on_change_();
    if (!pause()) return;
  }
}

bool NetworkMonitor::wait_for_event() const {
  std::array<pollfd, 2> watched{pollfd{stop_, POLLIN, 0}, pollfd{events_, POLLIN, 0}};
  while (poll(watched.data(), watched.size(), -1) < 0) {
    if (errno != EINTR) return false;
  }
  return watched[0].revents == 0;
}

bool NetworkMonitor::pause() const {
  pollfd watched{stop_, POLLIN, 0};
  return poll(&watched, 1, static_cast<int>(kQuiet.count())) <= 0;
}

bool NetworkMonitor::drain() {
  std::array<std::uint8_t, kEventBytes> datagram;
  bool news = false;
  while (true) {
    const auto got = recv(events_, datagram.data(), datagram.size(), 0);
    if (got >= 0) {
      news = news_.is_news(netlink::Bytes(datagram).first(static_cast<std::size_t>(got))) || news;
    } else if (errno == ENOBUFS) {
      // Reported once; what is queued behind it is still there.
      news_.forget();
      news = true;
    } else if (errno != EINTR) {
      return news;
    }
  }
}

}  // namespace lvs
