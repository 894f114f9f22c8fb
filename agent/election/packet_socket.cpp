#include "agent/election/packet_socket.h"

#include <array>
#include <cerrno>
#include <system_error>

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <sys/socket.h>
#include <unistd.h>

namespace lvs {
namespace {

constexpr std::uint32_t kWhole = 256;  // bytes of a frame; what is wanted is shorter
constexpr std::uint32_t kNextHeader = 14 + 6;
constexpr std::uint32_t kHopLimit = 14 + 7;
constexpr std::uint32_t kIcmp6Type = 14 + 40;

// As `tcpdump -dd` would write it: next header ICMPv6, hop limit 255, type 135 or 136.
// Next header ICMPv6, hop limit 255, type 135 or 136. The numbers after the constant are how many
// instructions to skip when it is equal and when it is not.
constexpr std::array<sock_filter, 9> kNeighbourFilter{{
    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kNextHeader),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMPV6, 0, 5),
    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kHopLimit),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 255, 0, 3),
    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kIcmp6Type),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 135, 2, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 136, 1, 0),
    BPF_STMT(BPF_RET | BPF_K, 0),
    BPF_STMT(BPF_RET | BPF_K, kWhole),
}};

tl::unexpected<Error> failure(const std::string& what, int error_number) {
  const auto text = what + ": " + std::generic_category().message(error_number);
  if (error_number == EPERM || error_number == EACCES) {
    return fail(ErrorCode::kPermissionDenied, text + "; the agent needs CAP_NET_RAW");
  }
  const bool gone = error_number == ENODEV || error_number == ENXIO;
  return fail(gone ? ErrorCode::kNotFound : ErrorCode::kIo, text);
}

bool attach_filter(int socket, Family family) {
  // Bound to its protocol, an ARP socket hears nothing else.
  if (family == Family::kV4) return true;
  auto code = kNeighbourFilter;
  const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
  return ::setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
}

bool bind_to(int socket, Family family, int link_index) {
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(family == Family::kV4 ? ETHERTYPE_ARP : ETHERTYPE_IPV6);
  address.sll_ifindex = link_index;
  return ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

// Protocol 0: it hears nothing until it is bound.
int open_packet_socket() { return ::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }

}  // namespace

Result<int> open_neighbour_socket(Family family, int link_index, const std::string& link_name) {
  const std::string what = "wire: listen on " + link_name;
  const int socket = open_packet_socket();
  if (socket < 0) return failure(what, errno);
  if (!attach_filter(socket, family) || !bind_to(socket, family, link_index)) {
    const int error = errno;
    ::close(socket);
    return failure(what, error);
  }
  return socket;
}

Result<int> open_sending_socket() {
  const int socket = open_packet_socket();
  if (socket < 0) return failure("wire: packet socket", errno);
  return socket;
}

}  // namespace lvs
