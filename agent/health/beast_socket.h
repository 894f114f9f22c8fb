// Internal to agent/health: the one place where a probe opens its socket, whatever its kind and
// wherever it goes.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <boost/system/error_code.hpp>

#include "core/health/check.h"

namespace lvs {

[[nodiscard]] boost::asio::ip::address asio_address(const IpAddress& address);

// For a check through the VIP, before the socket is bound: the mark by which IPVS finds the server
// (CAP_NET_ADMIN).
void send_in_path(int socket, const IpAddress& vip, std::uint32_t mark,
                  boost::system::error_code& error);

// Where the probe of a check goes.
template <typename Protocol>
[[nodiscard]] typename Protocol::endpoint endpoint_of(const CheckedServer& server) {
  return {asio_address(asked_address(server)), server.port};
}

// Opened, and ready to be connected to endpoint_of(server).
template <typename Socket>
void open_socket(const CheckedServer& server, Socket& socket, boost::system::error_code& error) {
  socket.open(endpoint_of<typename Socket::protocol_type>(server).protocol(), error);
  if (error || !server.route) return;
  const ProbePath& path = server.route->path;
  send_in_path(socket.native_handle(), server.route->vip, path.mark, error);
  if (!error) socket.bind({asio_address(path.source), 0}, error);
}

}  // namespace lvs
