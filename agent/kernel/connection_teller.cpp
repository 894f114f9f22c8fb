#include "agent/kernel/connection_teller.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

#include <arpa/inet.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/kernel/young_connections.h"
#include "base/clock.h"
#include "telemetry/log.h"

namespace lvs {
namespace {

constexpr const char* kConnections = "/proc/thread-self/net/ip_vs_conn_sync";
constexpr Duration kReadAtMost{3'000};
// A receiver has room for some dozens; then it gets time to take them in.
constexpr std::size_t kAtOnce = 32;
constexpr std::chrono::milliseconds kPause{1};

std::vector<BalancedConnection> read_young(const std::set<IpAddress>& vips) {
  constexpr std::size_t kLinesBetweenLooks = 1024;
  const SystemClock clock;
  const TimePoint end = clock.now() + kReadAtMost;
  YoungConnections young;
  std::ifstream lines(kConnections);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line);) {
    const auto connection = read_connection(line);
    if (connection && vips.contains(connection->vip)) young.add(*connection);
    if (++count % kLinesBetweenLooks == 0 && clock.now() > end) {
      log_warning("not all connections were told", {{"read", count}});
      break;
    }
  }
  return young.take();
}

template <typename Value>
bool set_option(int socket, int level, int name, const Value& value) {
  return ::setsockopt(socket, level, name, &value, sizeof(value)) == 0;
}

// As the kernel's own (make_send_sock()): to this segment only, and not to this machine.
bool prepare_multicast(int socket, const SyncDaemon& daemon) {
  const auto index = static_cast<int>(if_nametoindex(daemon.interface.c_str()));
  if (index == 0) return false;
  if (daemon.group.family() == Family::kV6) {
    return set_option(socket, IPPROTO_IPV6, IPV6_MULTICAST_IF, index) &&
           set_option(socket, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 1) &&
           set_option(socket, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0);
  }
  ip_mreqn from{};
  from.imr_ifindex = index;
  return set_option(socket, IPPROTO_IP, IP_MULTICAST_IF, from) &&
         set_option(socket, IPPROTO_IP, IP_MULTICAST_TTL, 1) &&
         set_option(socket, IPPROTO_IP, IP_MULTICAST_LOOP, 0);
}

bool send_to_group(int socket, const SyncDaemon& daemon, const SyncDatagram& datagram) {
  sockaddr_storage to{};
  socklen_t size = 0;
  if (daemon.group.family() == Family::kV6) {
    sockaddr_in6 group{};
    group.sin6_family = AF_INET6;
    group.sin6_port = htons(daemon.port);
    group.sin6_scope_id = if_nametoindex(daemon.interface.c_str());
    std::memcpy(&group.sin6_addr, daemon.group.bytes().data(), sizeof(group.sin6_addr));
    std::memcpy(&to, &group, size = sizeof(group));
  } else {
    sockaddr_in group{};
    group.sin_family = AF_INET;
    group.sin_port = htons(daemon.port);
    std::memcpy(&group.sin_addr, daemon.group.bytes().data(), sizeof(group.sin_addr));
    std::memcpy(&to, &group, size = sizeof(group));
  }
  const auto sent = ::sendto(socket, datagram.data(), datagram.size(), 0,
                             reinterpret_cast<const sockaddr*>(&to), size);
  return sent == static_cast<ssize_t>(datagram.size());
}

// 0 or errno.
int send_datagrams(const std::vector<SyncDatagram>& datagrams, const SyncDaemon& master) {
  const int family = master.group.family() == Family::kV6 ? AF_INET6 : AF_INET;
  const int socket = ::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return errno;
  int error = prepare_multicast(socket, master) ? 0 : errno;
  for (std::size_t i = 0; i < datagrams.size() && error == 0; ++i) {
    if (!send_to_group(socket, master, datagrams[i])) error = errno;
    if (i % kAtOnce == kAtOnce - 1) std::this_thread::sleep_for(kPause);
  }
  ::close(socket);
  return error;
}

}  // namespace

ConnectionTeller::~ConnectionTeller() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void ConnectionTeller::tell(const std::set<IpAddress>& vips, const SyncDaemon& master) {
  const std::lock_guard lock(mutex_);
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  if (!task_) task_.emplace();
  task_->vips.insert(vips.begin(), vips.end());
  task_->master = master;
  wake_.notify_one();
}

void ConnectionTeller::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return over_ || task_.has_value(); });
    if (!task_) return;
    const Task task = std::move(*std::exchange(task_, std::nullopt));
    lock.unlock();
    const auto young = read_young(task.vips);
    const auto id = static_cast<std::uint8_t>(task.master.id);
    const int error = send_datagrams(sync_datagrams(young, id), task.master);
    if (error != 0) {
      log_warning("the other directors were not told of the youngest connections",
                  {{"error", std::generic_category().message(error)}});
    } else {
      log_info("youngest connections told", {{"vips", task.vips.size()}, {"count", young.size()}});
    }
    lock.lock();
  }
}

}  // namespace lvs
