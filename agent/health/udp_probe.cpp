// UDP: is the datagram answered as expected? Where no reply is expected, silence is well: only the
// kernel's word that nobody listens (ICMP port unreachable) is not.
#include <algorithm>

#include <boost/asio/ip/udp.hpp>

#include "agent/health/beast_datagram_probe.h"

namespace lvs {
namespace {

std::uint8_t value_of_digit(char digit) {
  if (digit <= '9') return static_cast<std::uint8_t>(digit - '0');
  return static_cast<std::uint8_t>((digit | 0x20) - 'a' + 10);
}

// Hexadecimal digits, validated, two for each byte.
std::vector<std::uint8_t> bytes_of_hex(const std::string& digits) {
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes.push_back(
        static_cast<std::uint8_t>(value_of_digit(digits[i]) << 4U | value_of_digit(digits[i + 1])));
  }
  return bytes;
}

std::string hex_of(std::span<const std::uint8_t> bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr std::size_t kMost = 16;
  std::string text;
  for (const std::uint8_t byte : bytes.first(std::min(bytes.size(), kMost))) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 0xfU];
  }
  return bytes.size() > kMost ? text + "..." : text;
}

class UdpProbe final : public DatagramProbe<boost::asio::ip::udp> {
 public:
  UdpProbe(ProbeTools& tools, const CheckedServer& server, ProbeDone done)
      : DatagramProbe(tools.io, server, std::move(done)),
        check_(std::get<UdpCheck>(server_.check.kind)),
        expected_(bytes_of_hex(check_.expect_reply)) {}

 private:
  std::vector<std::uint8_t> question() override { return bytes_of_hex(check_.payload); }

  void judge(std::span<const std::uint8_t> reply) override {
    if (reply.size() >= expected_.size() &&
        std::equal(expected_.begin(), expected_.end(), reply.begin())) {
      return healthy();
    }
    unhealthy("the reply begins with " + hex_of(reply) + ", expected " + hex_of(expected_));
  }
  void timed_out(const std::string& why) override {
    if (!expected_.empty()) return unhealthy(why);
    healthy();
  }

  const UdpCheck& check_;
  const std::vector<std::uint8_t> expected_;
};

}  // namespace

std::shared_ptr<Probe> make_probe(const UdpCheck&, ProbeTools& tools, const CheckedServer& server,
                                  ProbeDone done) {
  return std::make_shared<UdpProbe>(tools, server, std::move(done));
}

}  // namespace lvs
