// Resets that are kept from the clients of a VIP that was just taken over: only the real kernel can
// show it.
#include <cerrno>
#include <cstring>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/kernel/netlink_resets.h"
#include "tests/contract/real_environment.h"

namespace lvs::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// What a client hears who connects where nobody listens: errno, 0 for a connection.
int answer_of(const IpAddress& address) {
  const int client =
      socket(address.family() == Family::kV4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{1, 0};
  setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  sockaddr_in6 v6{};
  sockaddr_in v4{};
  v6.sin6_family = AF_INET6;
  v4.sin_family = AF_INET;
  v6.sin6_port = v4.sin_port = htons(80);
  std::memcpy(&v6.sin6_addr, address.bytes().data(), 16);
  std::memcpy(&v4.sin_addr, address.bytes().data(), 4);
  const bool is_v4 = address.family() == Family::kV4;
  const auto* where =
      is_v4 ? reinterpret_cast<const sockaddr*>(&v4) : reinterpret_cast<const sockaddr*>(&v6);
  const int done = connect(client, where, is_v4 ? sizeof(v4) : sizeof(v6));
  const int error = done == 0 ? 0 : errno;
  close(client);
  return error;
}

class ResetsTest : public KernelContract {
 protected:
  void SetUp() override {
    run("ip netns add lvsclient && ip link set peer0 netns lvsclient");
    run("ip -n lvsclient link set peer0 up && ip -n lvsclient addr add 192.0.2.100/24 dev peer0");
    run("ip -n lvsclient -6 addr add 2001:db8::100/64 dev peer0 nodad");
    run("ip addr add 192.0.2.10/24 dev uplink0");
    run("ip addr add 2001:db8::10/64 dev uplink0 nodad");
    for (const char* vip : {"192.0.2.1", "2001:db8::1", "192.0.2.2"}) {
      apply({AddAddress{ip(vip), kUplink, VipScope::kUplink, 0}});
    }
  }
  void TearDown() override { run("ip netns del lvsclient"); }

  void expect_answer(const char* vip, int error) {
    std::thread client([&] {
      const int there = open("/run/netns/lvsclient", O_RDONLY | O_CLOEXEC);
      ASSERT_EQ(setns(there, CLONE_NEWNET), 0);
      close(there);
      EXPECT_EQ(answer_of(ip(vip)), error) << vip;
    });
    client.join();
  }
  void hold_back(const std::vector<IpAddress>& vips, Duration at_most) {
    const auto held = resets_.hold_back(vips, at_most);
    EXPECT_TRUE(held) << held.error().message;
  }

  netlink::Resets resets_;
};

TEST_P(ResetsTest, ClientsHearNothingUntilTheTimeIsOver) {
  expect_answer("192.0.2.1", ECONNREFUSED);
  ASSERT_TRUE(resets_.prepare(Duration{60'000}));
  hold_back({ip("192.0.2.1"), ip("2001:db8::1")}, Duration{5'000});
  expect_answer("192.0.2.1", EINPROGRESS);
  expect_answer("2001:db8::1", EINPROGRESS);
  expect_answer("192.0.2.2", ECONNREFUSED);
  sleep(6);
  expect_answer("192.0.2.1", ECONNREFUSED);
  expect_answer("2001:db8::1", ECONNREFUSED);
}

TEST_P(ResetsTest, OneVipAfterTheOther) {
  ASSERT_TRUE(resets_.prepare(Duration{60'000}));
  hold_back({ip("192.0.2.1")}, Duration{60'000});
  hold_back({ip("2001:db8::1")}, Duration{60'000});
  hold_back({ip("192.0.2.1")}, Duration{60'000});
  EXPECT_THAT(environment().ruleset(), AllOf(HasSubstr("table inet lvs-agent-resets {"),
                                             HasSubstr("192.0.2.1 "), HasSubstr("2001:db8::1 "),
                                             HasSubstr("tcp flags"), Not(HasSubstr("192.0.2.2"))));
  run("nft flush ruleset");
  hold_back({ip("192.0.2.2")}, Duration{60'000});
  EXPECT_THAT(environment().ruleset(), HasSubstr("192.0.2.2"));
  EXPECT_TRUE(resets_.remove());
  EXPECT_TRUE(resets_.remove());
  EXPECT_EQ(environment().ruleset(), "");
}

TEST_P(ResetsTest, AVipThatIsTakenOverHoldsThemBack) {
  apply({AddAddress{ip("192.0.2.3"), kUplink, VipScope::kUplink, 10, Duration{4'000}}});
  EXPECT_THAT(environment().ruleset(), HasSubstr("192.0.2.3"));
  apply({AddAddress{ip("192.0.2.3"), kUplink, VipScope::kUplink, 10}});
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ResetsTest);
INSTANTIATE_TEST_SUITE_P(Kernel, ResetsTest, ::testing::ValuesIn(only_real_kinds()),
                         environment_name);

}  // namespace
}  // namespace lvs::testing
