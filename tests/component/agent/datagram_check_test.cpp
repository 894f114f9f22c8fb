// UDP, DNS and ICMP checks: who answers, who does not, and who answers something else.
#include "agent/health/dns_message.h"
#include "tests/component/agent/probing.h"

namespace lvs {
namespace {

using namespace probing;
using Bytes = std::vector<std::uint8_t>;

// A UDP socket on loopback that answers every datagram with what `reply` makes of it.
class DatagramServer {
 public:
  using Reply = std::function<Bytes(Bytes)>;

  explicit DatagramServer(Reply reply)
      : reply_(std::move(reply)), fd_(::socket(AF_INET, SOCK_DGRAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(fd_, generic, length), 0);
    EXPECT_EQ(::getsockname(fd_, generic, &length), 0);
    port_ = ntohs(address.sin_port);
    const timeval wait{0, 50'000};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    thread_ = std::thread([this] { run(); });
  }
  ~DatagramServer() {
    over_ = true;
    thread_.join();
    ::close(fd_);
  }
  DatagramServer(const DatagramServer&) = delete;
  DatagramServer& operator=(const DatagramServer&) = delete;
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  void run() {
    while (!over_) {
      Bytes question(4096);
      sockaddr_in from{};
      socklen_t length = sizeof from;
      auto* generic = reinterpret_cast<sockaddr*>(&from);
      const auto size = ::recvfrom(fd_, question.data(), question.size(), 0, generic, &length);
      if (size < 0) continue;
      question.resize(static_cast<std::size_t>(size));
      const Bytes answer = reply_(std::move(question));
      if (!answer.empty()) ::sendto(fd_, answer.data(), answer.size(), 0, generic, length);
    }
  }

  Reply reply_;
  int fd_;
  std::uint16_t port_ = 0;
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

Bytes silent(const Bytes&) { return {}; }

class UdpCheckTest : public Probing {};

TEST_F(UdpCheckTest, TheExpectedReplyIsHealthy) {
  const DatagramServer server([](const Bytes& question) {
    return question == Bytes{'p', 'i', 'n', 'g'} ? Bytes{'p', 'o', 'n', 'g'} : Bytes{};
  });
  expect_healthy(server.port(), check_of(UdpCheck{"70696E67", "706f"}));
}

TEST_F(UdpCheckTest, AnotherReplyIsNamed) {
  const DatagramServer server([](const Bytes&) { return Bytes{1, 2}; });
  expect_unhealthy(server.port(), check_of(UdpCheck{"00", "706f6e67"}),
                   "the reply begins with 0102, expected 706f6e67");
}

TEST_F(UdpCheckTest, SilenceIsHealthyUnlessAReplyIsExpected) {
  const DatagramServer server(silent);
  expect_healthy(server.port(), check_of(UdpCheck{"00", ""}, Duration{50}));
  expect_unhealthy(server.port(), check_of(UdpCheck{"00", "01"}, Duration{50}),
                   "no answer within 50 ms (waiting for a reply)");
}

TEST_F(UdpCheckTest, NobodyListens) {
  std::uint16_t port = 0;
  { port = DatagramServer(silent).port(); }
  expect_unhealthy(port, check_of(UdpCheck{}), "waiting for a reply: Connection refused");
}

// The question with the bits of an answer, a code, and one A record.
Bytes dns_answer(Bytes question, std::uint8_t code) {
  question[2] = 0x81;
  question[3] = static_cast<std::uint8_t>(0x80 | code);
  question[7] = 1;
  const Bytes record{0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7};
  question.insert(question.end(), record.begin(), record.end());
  return question;
}

class DnsCheckTest : public Probing {
 protected:
  static DnsCheck asking(const std::string& address) {
    return {"shop.example", "A", "NOERROR", IpAddress::parse(address).value()};
  }
};

TEST_F(DnsCheckTest, TheExpectedAddressIsHealthy) {
  const DatagramServer server([](Bytes question) { return dns_answer(std::move(question), 0); });
  expect_healthy(server.port(), check_of(asking("192.0.2.7")));
  expect_healthy(server.port(), check_of(DnsCheck{}));
}

TEST_F(DnsCheckTest, AnotherAddressIsNamed) {
  const DatagramServer server([](Bytes question) { return dns_answer(std::move(question), 0); });
  expect_unhealthy(server.port(), check_of(asking("192.0.2.8")),
                   "1 addresses for A of shop.example, without the expected 192.0.2.8");
}

TEST_F(DnsCheckTest, AnotherCodeIsNamed) {
  const DatagramServer server([](Bytes question) { return dns_answer(std::move(question), 2); });
  expect_unhealthy(server.port(), check_of(asking("192.0.2.7")),
                   "DNS code SERVFAIL for A of shop.example, expected NOERROR");
}

TEST_F(DnsCheckTest, AnotherProtocolIsNamed) {
  const DatagramServer server([](const Bytes&) { return Bytes{'h', 'i'}; });
  expect_unhealthy(server.port(), check_of(DnsCheck{}), "the reply is no DNS answer");
}

TEST_F(DnsCheckTest, AnAnswerToSomebodyElseIsNotHeard) {
  const DatagramServer server([](Bytes question) {
    question[0] ^= 0xff;
    return dns_answer(std::move(question), 0);
  });
  expect_unhealthy(server.port(), check_of(DnsCheck{}, Duration{50}),
                   "no answer within 50 ms (waiting for a reply)");
}

class IcmpCheckTest : public Probing {
 protected:
  void SetUp() override {
    const int fd = ::socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
    if (fd < 0) GTEST_SKIP() << "needs CAP_NET_RAW";
    ::close(fd);
  }
};

TEST_F(IcmpCheckTest, AMachineThatAnswersIsHealthyInBothFamilies) {
  expect_healthy(0, check_of(IcmpCheck{}));
  address = IpAddress::parse("::1").value();
  expect_healthy(0, check_of(IcmpCheck{}));
}

}  // namespace
}  // namespace lvs
