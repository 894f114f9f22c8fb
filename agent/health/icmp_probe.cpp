// ICMP: is an echo request answered? By a raw socket (CAP_NET_RAW): the kernel's own ping sockets
// depend on a sysctl.
#include <algorithm>
#include <random>

#include <boost/asio/ip/icmp.hpp>
#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <sys/socket.h>

#include "agent/health/beast_datagram_probe.h"
#include "agent/health/echo_message.h"

namespace lvs {
namespace {

class IcmpProbe final : public DatagramProbe<boost::asio::ip::icmp> {
 public:
  IcmpProbe(ProbeTools& tools, const CheckedServer& server, ProbeDone done)
      : DatagramProbe(tools.io, server, std::move(done)),
        family_(server.address.family()),
        token_(std::random_device{}()) {}

 private:
  // A raw socket hears every ICMP message of the server; the kernel keeps the others away.
  void prepare() override {
    if (family_ == Family::kV4) {
      icmp_filter filter{~(1U << ICMP_ECHOREPLY)};
      ::setsockopt(socket_.native_handle(), SOL_RAW, ICMP_FILTER, &filter, sizeof filter);
    } else {
      icmp6_filter filter{};
      ICMP6_FILTER_SETBLOCKALL(&filter);
      ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter);
      ::setsockopt(socket_.native_handle(), IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof filter);
    }
  }
  std::vector<std::uint8_t> question() override { return encode_echo(family_, token_); }
  void judge(std::span<const std::uint8_t> reply) override {
    if (is_echo_reply(reply, family_, token_)) healthy();
  }

  const Family family_;
  const std::uint32_t token_;
};

}  // namespace

std::shared_ptr<Probe> make_probe(const IcmpCheck&, ProbeTools& tools, const CheckedServer& server,
                                  ProbeDone done) {
  return std::make_shared<IcmpProbe>(tools, server, std::move(done));
}

}  // namespace lvs
