#include <algorithm>
#include <array>
#include <cerrno>

#include <netinet/in.h>
#include <sys/socket.h>

#include "agent/health/beast_socket.h"

namespace lvs {
namespace {

// IPVS takes one off. A server without the VIP that forwards packets must not send ours on: to the
// holder, whose answer would look like its own.
constexpr int kHops = 2;

int set_number(int socket, int level, int option, int value) {
  return ::setsockopt(socket, level, option, &value, sizeof value);
}

}  // namespace

boost::asio::ip::address asio_address(const IpAddress& address) {
  namespace ip = boost::asio::ip;
  const auto& bytes = address.bytes();
  if (address.family() == Family::kV4) {
    return ip::address_v4({bytes[0], bytes[1], bytes[2], bytes[3]});
  }
  ip::address_v6::bytes_type all{};
  std::copy_n(bytes.begin(), all.size(), all.begin());
  return ip::address_v6(all);
}

void send_in_path(int socket, const IpAddress& vip, std::uint32_t mark,
                  boost::system::error_code& error) {
  const bool v4 = vip.family() == Family::kV4;
  const int hops = v4 ? set_number(socket, IPPROTO_IP, IP_TTL, kHops)
                      : set_number(socket, IPPROTO_IPV6, IPV6_UNICAST_HOPS, kHops);
  const int marked = set_number(socket, SOL_SOCKET, SO_MARK, static_cast<int>(mark));
  if (hops != 0 || marked != 0) error.assign(errno, boost::system::system_category());
  // The port is chosen when the socket is connected, one after the other: a port that comes again
  // soon would find the server of its last probe in IPVS's table. A wish; not every kernel has it.
  (void)set_number(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
}

}  // namespace lvs
