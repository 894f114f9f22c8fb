#include "agent/election/heartbeat_socket.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <system_error>

#include <unistd.h>

namespace lvs {
namespace {

constexpr int kClassSelector6 = 0xc0;  // as routing protocols are marked (RFC 4594)
constexpr int kPriority = 6;
// Room for a flood while this thread waits for its turn.
constexpr int kReceiveBuffer = 4 << 20;

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

std::uint16_t network_order(std::uint16_t value) { return htons(value); }

SocketAddress to_socket_address(const IpAddress& address, std::uint16_t port) {
  SocketAddress result;
  if (address.family() == Family::kV4) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = network_order(port);
    std::memcpy(&v4.sin_addr, address.bytes().data(), sizeof v4.sin_addr);
    std::memcpy(&result.storage, &v4, sizeof v4);
    result.size = sizeof v4;
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = network_order(port);
    std::memcpy(&v6.sin6_addr, address.bytes().data(), sizeof v6.sin6_addr);
    std::memcpy(&result.storage, &v6, sizeof v6);
    result.size = sizeof v6;
  }
  return result;
}

IpAddress to_ip_address(const sockaddr_storage& storage) {
  IpAddress::Bytes bytes{};
  if (storage.ss_family == AF_INET) {
    const auto v4 = std::bit_cast<std::array<std::uint8_t, sizeof storage>>(storage);
    std::copy_n(v4.begin() + offsetof(sockaddr_in, sin_addr), 4, bytes.begin());
    return {Family::kV4, bytes};
  }
  const auto v6 = std::bit_cast<std::array<std::uint8_t, sizeof storage>>(storage);
  std::copy_n(v6.begin() + offsetof(sockaddr_in6, sin6_addr), 16, bytes.begin());
  return {Family::kV6, bytes};
}

// Says from which address a datagram leaves (ip(7) IP_PKTINFO, ipv6(7) IPV6_PKTINFO).
class Ancillary {
 public:
  void name_source(const IpAddress& from, msghdr& message) {
    if (from.family() == Family::kV4) {
      in_pktinfo info{};
      std::memcpy(&info.ipi_spec_dst, from.bytes().data(), sizeof info.ipi_spec_dst);
      put(message, IPPROTO_IP, IP_PKTINFO, info);
    } else {
      in6_pktinfo info{};
      std::memcpy(&info.ipi6_addr, from.bytes().data(), sizeof info.ipi6_addr);
      put(message, IPPROTO_IPV6, IPV6_PKTINFO, info);
    }
  }

 private:
  template <typename Info>
  void put(msghdr& message, int level, int type, const Info& info) {
    message.msg_control = bytes_.data();
    message.msg_controllen = CMSG_SPACE(sizeof info);
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = level;
    header->cmsg_type = type;
    header->cmsg_len = CMSG_LEN(sizeof info);
    std::memcpy(CMSG_DATA(header), &info, sizeof info);
  }
  alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(in6_pktinfo))> bytes_{};
};

int common_prefix(const IpAddress& a, const IpAddress& b) {
  int bits = 0;
  for (std::size_t i = 0; i < a.byte_count(); ++i) {
    const auto differs = static_cast<std::uint8_t>(a.bytes()[i] ^ b.bytes()[i]);
    if (differs != 0) return bits + std::countl_zero(differs);
    bits += 8;
  }
  return bits;
}

void set(int socket, int level, int option, int value) {
  (void)::setsockopt(socket, level, option, &value, sizeof value);
}

void set_options(int socket, Family family) {
  if (family == Family::kV6) {
    set(socket, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    set(socket, IPPROTO_IPV6, IPV6_TCLASS, kClassSelector6);
  } else {
    set(socket, IPPROTO_IP, IP_TOS, kClassSelector6);
  }
  set(socket, SOL_SOCKET, SO_PRIORITY, kPriority);
  // The first is bounded by net.core.rmem_max, the second needs CAP_NET_ADMIN.
  set(socket, SOL_SOCKET, SO_RCVBUF, kReceiveBuffer);
  set(socket, SOL_SOCKET, SO_RCVBUFFORCE, kReceiveBuffer);
}

}  // namespace

Result<int> open_heartbeat_socket(const IpAddress& bind_to, std::uint16_t port) {
  const std::string what =
      "heartbeats: cannot listen on " + bind_to.to_string() + " port " + std::to_string(port);
  const bool v6 = bind_to.family() == Family::kV6;
  const int socket =
      ::socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket < 0) {
    const auto code = errno == EAFNOSUPPORT ? ErrorCode::kUnsupported : ErrorCode::kIo;
    return fail(code, what + ": " + std::generic_category().message(errno));
  }
  set_options(socket, bind_to.family());
  const SocketAddress address = to_socket_address(bind_to, port);
  if (::bind(socket, address.get(), address.size) != 0) {
    const int error = errno;
    ::close(socket);
    return fail(ErrorCode::kIo, what + ": " + std::generic_category().message(error));
  }
  return socket;
}

std::uint16_t bound_port(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  // At the same place in both families.
  static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));
  in_port_t port = 0;
  std::memcpy(&port, reinterpret_cast<const char*>(&address) + offsetof(sockaddr_in, sin_port),
              sizeof port);
  return ntohs(port);
}

bool send_datagram(int socket, std::span<const std::uint8_t> bytes, const IpAddress& to,
                   std::uint16_t port, const std::optional<IpAddress>& from) {
  SocketAddress address = to_socket_address(to, port);
  iovec vector{const_cast<std::uint8_t*>(bytes.data()), bytes.size()};  // sending changes nothing
  msghdr message{};
  message.msg_name = &address.storage;
  message.msg_namelen = address.size;
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  Ancillary ancillary;
  if (from) ancillary.name_source(*from, message);
  return ::sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) ==
         static_cast<ssize_t>(bytes.size());
}

std::optional<IpAddress> nearest_address(const std::vector<IpAddress>& addresses,
                                         const IpAddress& to) {
  std::optional<IpAddress> nearest;
  int longest = -1;
  for (const IpAddress& address : addresses) {
    if (address.family() != to.family()) continue;
    const int common = common_prefix(address, to);
    if (common <= longest) continue;
    longest = common;
    nearest = address;
  }
  return nearest;
}

ReceiveBatch::ReceiveBatch() : bytes_(kSize * kDatagramBytes) {
  for (std::size_t i = 0; i < kSize; ++i) {
    vectors_[i] = {&bytes_[i * kDatagramBytes], kDatagramBytes};
    headers_[i].msg_hdr.msg_iov = &vectors_[i];
    headers_[i].msg_hdr.msg_iovlen = 1;
    headers_[i].msg_hdr.msg_name = &from_[i];
  }
}

std::size_t ReceiveBatch::read(int socket) {
  for (mmsghdr& header : headers_) header.msg_hdr.msg_namelen = sizeof(sockaddr_storage);
  const int count = ::recvmmsg(socket, headers_.data(), kSize, MSG_DONTWAIT, nullptr);
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

ReceiveBatch::Item ReceiveBatch::at(std::size_t index) const {
  return {to_ip_address(from_[index]),
          std::span(bytes_).subspan(index * kDatagramBytes, headers_[index].msg_len)};
}

}  // namespace lvs
