#include "agent/announce/raw_announcer.h"

#include <cerrno>
#include <system_error>

#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/announce/frames.h"

namespace lvs {
namespace {

tl::unexpected<Error> failure(const std::string& what, int error_number) {
  const auto text = what + ": " + std::generic_category().message(error_number);
  switch (error_number) {
    case EPERM:
    case EACCES:
      return fail(ErrorCode::kPermissionDenied, text + "; the agent needs CAP_NET_RAW");
    case ENODEV:
    case ENXIO:
      return fail(ErrorCode::kNotFound, text);
    case ENETDOWN:
    case ENOBUFS:
    case EAGAIN:
      return fail(ErrorCode::kUnavailable, text);
    default:
      return fail(ErrorCode::kIo, text);
  }
}

}  // namespace

Result<std::unique_ptr<RawAnnouncer>> RawAnnouncer::open() {
  // Protocol 0: it sends and is never woken by what others send.
  const int socket = ::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (socket < 0) return failure("announcements: packet socket", errno);
  return std::unique_ptr<RawAnnouncer>(new RawAnnouncer(socket));
}

RawAnnouncer::~RawAnnouncer() { close(socket_); }

Result<void> RawAnnouncer::announce(const IpAddress& address, const ObservedLink& link) {
  const std::string what = "announce " + address.to_string() + " on " + link.name;
  if (link.loopback || link.noarp || link.hardware_address == HardwareAddress{}) {
    return fail(ErrorCode::kInvalidArgument,
                what + ": nobody asks for addresses there; name an Ethernet interface");
  }
  if (!link.up || !link.carrier) return failure(what, ENETDOWN);
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_ifindex = link.index;
  for (const Frame& frame : announcement(address, link.hardware_address)) {
    const auto sent = sendto(socket_, frame.data(), frame.size(), MSG_DONTWAIT,
                             reinterpret_cast<const sockaddr*>(&to), sizeof(to));
    if (sent < 0) return failure(what, errno);
  }
  return {};
}

}  // namespace lvs
