// A UDP socket for heartbeats: marked urgent (DSCP CS6, SO_PRIORITY 6), reads in batches, never
// blocks.
//
// Threads: one at a time, in the network namespace of the thread that opened it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/ip_address.h"

namespace lvs {

// What one system call reads. The spans live until the next one.
class ReceiveBatch {
 public:
  static constexpr std::size_t kSize = 64;
  // Longer datagrams are cut to this, which is more than any that is right.
  static constexpr std::size_t kDatagramBytes = 1536;

  ReceiveBatch();
  struct Item {
    IpAddress from;
    std::span<const std::uint8_t> bytes;
  };
  // Fewer than kSize: nothing more was there. None: nothing, or an error that passes.
  [[nodiscard]] std::size_t read(int socket);
  [[nodiscard]] Item at(std::size_t index) const;

 private:
  std::vector<std::uint8_t> bytes_;
  std::array<sockaddr_storage, kSize> from_{};
  std::array<iovec, kSize> vectors_{};
  std::array<mmsghdr, kSize> headers_{};
};

// A descriptor that the caller owns. kIo, kUnsupported: the machine has no such address family.
// IPv6 sockets take IPv6 only.
[[nodiscard]] Result<int> open_heartbeat_socket(const IpAddress& bind_to, std::uint16_t port);
// The port that the system chose.
[[nodiscard]] std::uint16_t bound_port(int socket);
// `from`: an address of this machine, of the same family as `to`; empty: the kernel chooses.
[[nodiscard]] bool send_datagram(int socket, std::span<const std::uint8_t> bytes,
                                 const IpAddress& to, std::uint16_t port,
                                 const std::optional<IpAddress>& from = {});
// The one of the same family that shares most leading bits with `to`; nothing where there is none.
[[nodiscard]] std::optional<IpAddress> nearest_address(const std::vector<IpAddress>& addresses,
                                                       const IpAddress& to);

}  // namespace lvs
