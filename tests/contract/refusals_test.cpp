// What clients hear of a service without a scheduler: a service that is not bound yet stands for
// the moment between two schedulers. A client in a namespace of its own asks, nft witnesses.
#include <cerrno>
#include <cstring>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/kernel/linux_kernel.h"
#include "agent/kernel/netlink_refusals.h"
#include "tests/contract/real_environment.h"

namespace lvs::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kNothingHeard = 0;
// A refusal that finds the socket busy (in its connect() yet) is not heard: the one of the second
// SYN is, a second later.
constexpr int kPatienceMilliseconds = 2'500;

// Connects (TCP) or asks (UDP) from the client: the errno of the answer.
int answer_to(const ServiceKey& key) {
  const int type = key.protocol == Protocol::kTcp ? SOCK_STREAM : SOCK_DGRAM;
  const bool v4 = key.family() == Family::kV4;
  const int asking = socket(v4 ? AF_INET : AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in to4{};
  to4.sin_family = AF_INET;
  to4.sin_port = htons(key.port);
  std::memcpy(&to4.sin_addr, key.address.bytes().data(), sizeof(to4.sin_addr));
  sockaddr_in6 to6{};
  to6.sin6_family = AF_INET6;
  to6.sin6_port = htons(key.port);
  std::memcpy(&to6.sin6_addr, key.address.bytes().data(), sizeof(to6.sin6_addr));
  if (v4) {
    connect(asking, reinterpret_cast<const sockaddr*>(&to4), sizeof(to4));
  } else {
    connect(asking, reinterpret_cast<const sockaddr*>(&to6), sizeof(to6));
  }
  if (type == SOCK_DGRAM) send(asking, "?", 1, 0);
  pollfd answered{asking, POLLERR, 0};
  int error = kNothingHeard;
  socklen_t size = sizeof(error);
  if (poll(&answered, 1, kPatienceMilliseconds) > 0) {
    getsockopt(asking, SOL_SOCKET, SO_ERROR, &error, &size);
  }
  close(asking);
  return error;
}

class RefusalsTest : public KernelContract {
 protected:
  void SetUp() override {
    run("ip netns add lvsclient && ip link set peer0 netns lvsclient");
    run("ip -n lvsclient link set peer0 up && ip -n lvsclient addr add 192.0.2.100/24 dev peer0");
    run("ip -n lvsclient -6 addr add 2001:db8::100/64 dev peer0 nodad");
    run("ip addr add 192.0.2.10/24 dev uplink0");
    run("ip addr add 2001:db8::10/64 dev uplink0 nodad");
    // The kernel would keep some refusals back by itself.
    run("sysctl -w net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0");
    for (const char* vip : {"192.0.2.1", "2001:db8::1"}) {
      apply({AddAddress{ip(vip), kUplink, VipScope::kUplink, 0}});
      for (const auto protocol : {Protocol::kTcp, Protocol::kUdp}) {
        for (const auto port : std::vector<std::uint16_t>{80, 81}) {
          const auto key = service_key(vip, protocol, port);
          apply({NewService{key, {"", 0, 0, 0}}});
          (port == 80 ? muted_ : others_).push_back(key);
        }
      }
    }
  }
  void TearDown() override { run("ip netns del lvsclient"); }

  void expect_answers(const std::vector<ServiceKey>& keys, int error) {
    std::thread client([&] {
      const int there = open("/run/netns/lvsclient", O_RDONLY | O_CLOEXEC);
      ASSERT_EQ(setns(there, CLONE_NEWNET), 0);
      close(there);
      for (const auto& key : keys) EXPECT_EQ(answer_to(key), error) << to_string(key);
    });
    client.join();
  }
  void mute(Duration at_most = Duration{60'000}) {
    const auto muted = refusals_.mute(muted_, at_most);
    EXPECT_TRUE(muted) << muted.error().message;
  }
  void unmute() {
    const auto unmuted = refusals_.unmute();
    EXPECT_TRUE(unmuted) << unmuted.error().message;
  }

  netlink::Refusals refusals_;
  std::vector<ServiceKey> muted_;
  std::vector<ServiceKey> others_;
};

TEST_P(RefusalsTest, ClientsHearNothingMeanwhile) {
  expect_answers(muted_, ECONNREFUSED);
  mute();
  expect_answers(muted_, kNothingHeard);
  expect_answers(others_, ECONNREFUSED);
  unmute();
  expect_answers(muted_, ECONNREFUSED);
}

TEST_P(RefusalsTest, EndByThemselvesWhenTheAgentDoesNot) {
  mute(Duration{1'000});
  sleep(2);
  expect_answers(muted_, ECONNREFUSED);
  EXPECT_THAT(environment().ruleset(), AllOf(HasSubstr("lvs-agent"), Not(HasSubstr("192.0.2.1"))));
  LinuxKernel restarted;
  EXPECT_TRUE(restarted.remove_leftovers());
  EXPECT_EQ(environment().ruleset(), "");
}

TEST_P(RefusalsTest, ShowThemselvesToNft) {
  mute(Duration{60'000});
  EXPECT_THAT(environment().ruleset(),
              AllOf(HasSubstr("table inet lvs-agent {"), HasSubstr("hook output priority raw"),
                    HasSubstr("192.0.2.1 . tcp . 80"), HasSubstr("2001:db8::1 . udp . 80"),
                    HasSubstr("timeout 1m"), HasSubstr("expires"), Not(HasSubstr(" . 81"))));
  muted_.resize(1);
  mute();  // instead of the others
  EXPECT_THAT(environment().ruleset(),
              AllOf(HasSubstr("192.0.2.1 . tcp . 80"), Not(HasSubstr("2001:db8::1"))));
  unmute();
  EXPECT_EQ(environment().ruleset(), "");
  unmute();
}

TEST_P(RefusalsTest, TakeThousandsOfServices) {
  muted_.clear();
  for (std::uint16_t port = 1; port <= 5'000; ++port) {
    muted_.push_back(service_key("192.0.2.1", Protocol::kTcp, port));
    muted_.push_back(service_key("2001:db8::1", Protocol::kUdp, port));
  }
  mute();
  EXPECT_THAT(environment().ruleset(),
              AllOf(HasSubstr("192.0.2.1 . tcp . 5000"), HasSubstr("2001:db8::1 . udp . 5000")));
  unmute();
}

// A refusal does not name the mark; nothing can be kept back for it, and nothing fails.
TEST_P(RefusalsTest, LeaveFirewallMarksAlone) {
  muted_ = {mark_key(7, Family::kV4)};
  mute();
  unmute();
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RefusalsTest);
INSTANTIATE_TEST_SUITE_P(Kernel, RefusalsTest, ::testing::ValuesIn(only_real_kinds()),
                         environment_name);

}  // namespace
}  // namespace lvs::testing
