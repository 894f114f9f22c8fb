// Internal to agent/health: a probe that sends one datagram and looks at what comes back. The
// socket is connected, so that the kernel hears nobody but the server, and tells when it sends that
// nobody listens.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "agent/health/beast_kinds.h"
#include "agent/health/beast_socket.h"

namespace lvs {

// Protocol: boost::asio::ip::udp or icmp.
template <typename Protocol>
class DatagramProbe : public Probe {
 public:
  DatagramProbe(boost::asio::io_context& io, const CheckedServer& server, ProbeDone done)
      : Probe(io, server, std::move(done)), socket_(io) {}

 protected:
  [[nodiscard]] virtual std::vector<std::uint8_t> question() = 0;
  // Each datagram of the server; it says healthy() or unhealthy(), or neither to wait for another.
  virtual void judge(std::span<const std::uint8_t> reply) = 0;
  // After the socket was opened and before it is used.
  virtual void prepare() {}

  void begin() override {
    ErrorCode error;
    open_socket(server_, socket_, error);
    if (!error) prepare();
    if (!error) socket_.connect(endpoint_of<Protocol>(server_), error);
    if (error) return unhealthy("opening a socket: " + error.message());
    question_ = question();
    socket_.async_send(boost::asio::buffer(question_), next("asking", [this] { listen(); }));
  }
  void close() override {
    ErrorCode ignored;
    socket_.close(ignored);
  }

  typename Protocol::socket socket_;

 private:
  void listen() {
    const auto heard = next("waiting for a reply", [this](std::size_t size) {
      has_heard();
      judge(std::span<const std::uint8_t>(reply_).first(size));
      if (!is_over()) listen();
    });
    socket_.async_receive(boost::asio::buffer(reply_), heard);
  }

  std::vector<std::uint8_t> question_;
  std::array<std::uint8_t, 4096> reply_{};
};

}  // namespace lvs
