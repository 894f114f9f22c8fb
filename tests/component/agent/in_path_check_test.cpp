// Probes that go through another address than the server's own, as far as that goes without IPVS:
// the VIP is another address of loopback, and whoever listens there is the server.
#include <gmock/gmock.h>

#include "tests/component/agent/probing.h"

namespace lvs {
namespace {

using namespace probing;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const IpAddress kOwnAddress = IpAddress::parse("127.0.0.2").value();
const IpAddress kOtherSource = IpAddress::parse("127.0.0.3").value();

bool may_mark() {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  const int mark = 1;
  const bool may = ::setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof mark) == 0;
  ::close(fd);
  return may;
}

class InPathCheckTest : public Probing {
 protected:
  void SetUp() override {
    if (!may_mark()) GTEST_SKIP() << "needs CAP_NET_ADMIN";
  }

  // Of a server at `own` that is asked through `vip`.
  HealthOpinion opinion(const IpAddress& own, const IpAddress& vip, std::uint16_t port,
                        CheckKind kind) {
    HealthCheckSpec check = check_of(std::move(kind));
    check.fall = 5;  // what the own address says is known by then
    const SystemClock clock;
    HealthRunner runner(
        clock, {10, files}, [this](const PoolHealthHeard& heard) { hear(heard); },
        [](const CheckedServer&, const ProbeResult&, Duration) {});
    runner.watch(kService, {{own, port, check, InPathRoute{vip, {0x4d000000, kOtherSource}}}});
    return wait_until_known();
  }
};

TEST_F(InPathCheckTest, AsksAtTheVip) {
  const Server server(answering("HTTP/1.1 200 OK\r\n\r\n"));
  const HealthOpinion found = opinion(kOwnAddress, kLoopback, server.port(), HttpCheck{});
  EXPECT_EQ(found.state, HealthState::kHealthy) << found.why;
}

TEST_F(InPathCheckTest, ComesFromTheDirectorsOwnAddress) {
  std::atomic<std::uint32_t> seen = 0;
  const Server server([&seen](int client) {
    sockaddr_in peer{};
    socklen_t length = sizeof peer;
    ::getpeername(client, reinterpret_cast<sockaddr*>(&peer), &length);
    seen = ntohl(peer.sin_addr.s_addr);
    answering("HTTP/1.1 200 OK\r\n\r\n")(client);
  });
  EXPECT_EQ(opinion(kOwnAddress, kLoopback, server.port(), HttpCheck{}).state,
            HealthState::kHealthy);
  EXPECT_EQ(seen, 0x7f000003U);
}

TEST_F(InPathCheckTest, SaysThatTheServerListensOnItsOwnAddressOnly) {
  const Server server([](int) {});
  const HealthOpinion found = opinion(kLoopback, kOwnAddress, server.port(), TcpCheck{});
  EXPECT_EQ(found.state, HealthState::kUnhealthy);
  EXPECT_THAT(found.why, StartsWith("through 127.0.0.2:"));
  EXPECT_THAT(found.why, HasSubstr("Connection refused; on its own address 127.0.0.1:"));
  EXPECT_THAT(found.why, HasSubstr("it listens there only, not on the VIP"));
}

TEST_F(InPathCheckTest, SaysThatItIsDownOnBoth) {
  std::uint16_t port = 0;
  {
    port = Server([](int) {}).port();
  }
  for (const CheckKind& kind : {CheckKind{TcpCheck{}}, CheckKind{DnsCheck{}}}) {
    const HealthOpinion found = opinion(kLoopback, kOwnAddress, port, kind);
    EXPECT_EQ(found.state, HealthState::kUnhealthy);
    EXPECT_THAT(found.why, HasSubstr("Connection refused; also on its own address 127.0.0.1:"));
  }
}

}  // namespace
}  // namespace lvs
