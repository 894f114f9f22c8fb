// DNS by UDP: which code has the answer, and is the address in it?
#include <algorithm>
#include <random>

#include <boost/asio/ip/udp.hpp>

#include "agent/health/beast_datagram_probe.h"
#include "agent/health/dns_message.h"

namespace lvs {
namespace {

class DnsProbe final : public DatagramProbe<boost::asio::ip::udp> {
 public:
  DnsProbe(ProbeTools& tools, const CheckedServer& server, ProbeDone done)
      : DatagramProbe(tools.io, server, std::move(done)),
        check_(std::get<DnsCheck>(server_.check.kind)),
        asked_{static_cast<std::uint16_t>(std::random_device{}()), check_.name,
               check_.record_type} {}

 private:
  std::vector<std::uint8_t> question() override { return encode_dns(asked_); }

  void judge(std::span<const std::uint8_t> reply) override {
    const auto answer = decode_dns(reply, asked_);
    if (!answer && answer.error().code == lvs::ErrorCode::kConflict) return;
    if (!answer) return unhealthy(answer.error().message);
    if (answer->code != check_.expect_code) {
      return unhealthy("DNS code " + answer->code + " for " + what() + ", expected " +
                       check_.expect_code);
    }
    const auto& wanted = check_.expect_address;
    const auto& found = answer->addresses;
    if (!wanted || std::find(found.begin(), found.end(), *wanted) != found.end()) return healthy();
    unhealthy(std::to_string(found.size()) + " addresses for " + what() +
              ", without the expected " + wanted->to_string());
  }

  std::string what() const { return check_.record_type + " of " + check_.name; }

  const DnsCheck& check_;
  const DnsQuestion asked_;
};

}  // namespace

std::shared_ptr<Probe> make_probe(const DnsCheck&, ProbeTools& tools, const CheckedServer& server,
                                  ProbeDone done) {
  return std::make_shared<DnsProbe>(tools, server, std::move(done));
}

}  // namespace lvs
