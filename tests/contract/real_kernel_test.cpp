// What only the real kernel can show, with ip, ipvsadm and tcpdump as witnesses.
#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/announce/frames.h"
#include "agent/announce/raw_announcer.h"
#include "agent/kernel/netlink_monitor.h"
#include "agent/kernel/netlink_route_codec.h"
#include "agent/kernel/netlink_socket.h"
#include "tests/contract/real_environment.h"

namespace lvs::testing {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

class RealKernel : public KernelContract {};

TEST_P(RealKernel, MarksAddressesSoThatIpShowsThemAsOurs) {
  apply({AddAddress{ip("192.0.2.1"), kUplink, VipScope::kUplink, 10},
         AddAddress{ip("2001:db8::1"), kUplink, VipScope::kUplink, 10},
         AddAddress{ip("192.0.2.1"), "lo", VipScope::kLoopback, 0},
         AddAddress{ip("2001:db8::1"), "lo", VipScope::kLoopback, 0}});
  EXPECT_THAT(run("ip -4 addr show dev uplink0"),
              AllOf(HasSubstr("192.0.2.1/32 scope global"), HasSubstr("noprefixroute"),
                    HasSubstr("uplink0:lvs"), ContainsRegex("valid_lft [0-9]+sec")));
  EXPECT_THAT(run("ip -6 addr show dev uplink0 to 2001:db8::1"),
              AllOf(HasSubstr("2001:db8::1/128"), HasSubstr("nodad"), HasSubstr("deprecated"),
                    ContainsRegex("valid_lft [0-9]+sec"), HasSubstr("preferred_lft 0sec"),
                    Not(HasSubstr("tentative"))));
  EXPECT_THAT(run("ip -4 addr show dev lo to 192.0.2.1"),
              AllOf(HasSubstr("scope host"), HasSubstr("lo:lvs"), HasSubstr("valid_lft forever")));
  EXPECT_THAT(run("ip -6 addr show dev lo to 2001:db8::1"), HasSubstr("valid_lft forever"));
}

TEST_P(RealKernel, NeverSendsFromAVip) {
  run("ip addr add 198.51.100.2/24 dev uplink0");
  run("ip -6 addr add 2001:db8:1::2/64 dev uplink0 nodad");
  run("ip route add default via 198.51.100.1");
  run("ip -6 route add default via 2001:db8:1::1");
  apply({AddAddress{ip("192.0.2.1"), kUplink, VipScope::kUplink, 10},
         AddAddress{ip("2001:db8::1"), kUplink, VipScope::kUplink, 10},
         AddAddress{ip("192.0.2.2"), "lo", VipScope::kLoopback, 0},
         AddAddress{ip("2001:db8::2"), "lo", VipScope::kLoopback, 0}});
  EXPECT_THAT(run("ip route get 203.0.113.1"), HasSubstr("src 198.51.100.2"));
  EXPECT_THAT(run("ip -6 route get 2001:db8:f::1"), HasSubstr("src 2001:db8:1::2"));
}

// The kernel itself lets go of a VIP that nobody looks after.
TEST_P(RealKernel, DropsAnAddressWhoseLifetimeIsOver) {
  apply({AddAddress{ip("192.0.2.1"), kUplink, VipScope::kUplink, 1},
         AddAddress{ip("2001:db8::1"), kUplink, VipScope::kUplink, 1}});
  const auto gone = [] {
    return run("ip addr show dev uplink0").find("valid_lft 1sec") == std::string::npos &&
           run("ip addr show dev uplink0").find("192.0.2.1") == std::string::npos &&
           run("ip addr show dev uplink0").find("2001:db8::1") == std::string::npos;
  };
  bool left = gone();
  for (int i = 0; i < 100 && !left; ++i, left = gone()) usleep(100'000);
  EXPECT_TRUE(left) << run("ip addr show dev uplink0");
}

TEST_P(RealKernel, ShowsThresholdsToIpvsadm) {
  const auto key = service_key("192.0.2.1");
  const DestinationConfig limited{ForwardingMethod::kDirectRouting, 1, 1'000, 900};
  apply({NewService{key, {"rr", 0, 0, 0}}, NewDestination{key, server("198.51.100.7"), limited}});
  EXPECT_THAT(run("ipvsadm -Ln --thresholds"), ContainsRegex("1000 +900"));
}

// More refusals in one send than the socket has room to hear of. In its place a caller who keeps to
// max_messages() cannot get there.
TEST_P(RealKernel, IsInDoubtWhenAnswersAreLostAndRecovers) {
  auto socket = netlink::Socket::connect(NETLINK_ROUTE);
  ASSERT_TRUE(socket) << socket.error().message;
  const DeleteAddress absent{ip("192.0.2.1"), kUplink};
  netlink::Batch batch;
  while (batch.size() < 1'000'000) netlink::encode_delete_address(absent, 1, batch);
  ASSERT_GT(batch.message_count(), socket->max_messages());
  auto outcome = socket->send(batch);
  EXPECT_EQ(outcome.send_error, 0);
  EXPECT_TRUE(outcome.in_doubt);
  batch.clear();
  netlink::encode_delete_address(absent, 1, batch);
  outcome = socket->send(batch);
  EXPECT_FALSE(outcome.in_doubt);
  ASSERT_EQ(outcome.refusals.size(), 1U);
  EXPECT_EQ(outcome.refusals[0].answer.error_number, EADDRNOTAVAIL);
}

TEST_P(RealKernel, SeesAnOwnServiceLoseItsMarkToIpvsadm) {
  const auto key = service_key("192.0.2.1");
  apply({NewService{key, {"rr", 0, 0, 0}}});
  run("ipvsadm -E -t 192.0.2.1:80 -s wlc");
  EXPECT_FALSE(read_service(key).owned);
}

TEST_P(RealKernel, MonitorTellsOfChanges) {
  std::atomic<int> changes = 0;
  auto monitor = NetworkMonitor::start([&] { ++changes; });
  ASSERT_TRUE(monitor) << monitor.error().message;
  const auto wait_for = [&](int wanted) {
    for (int i = 0; i < 200 && changes < wanted; ++i) usleep(10'000);
    return changes.load();
  };
  apply({AddAddress{ip("192.0.2.1"), kUplink, VipScope::kUplink, 0}});
  EXPECT_GE(wait_for(1), 1);
  usleep(300'000);
  const int before = changes;
  for (int i = 0; i < 20; ++i) run("ip addr add 203.0.113." + std::to_string(i + 1) + "/32 dev lo");
  EXPECT_GE(wait_for(before + 1), before + 1);
  usleep(300'000);
  const int quiet = changes;
  usleep(200'000);
  EXPECT_EQ(changes, quiet);
  run("ip link set uplink0 down");
  EXPECT_GE(wait_for(quiet + 1), quiet + 1);
}

TEST_P(RealKernel, AnnouncementsMoveTheNeighbours) {
  run("ip netns add lvsclient && ip link set peer0 netns lvsclient");
  run("ip -n lvsclient link set peer0 up && ip -n lvsclient addr add 192.0.2.100/24 dev peer0");
  run("ip -n lvsclient -6 addr add 2001:db8::100/64 dev peer0 nodad");
  run("ip -n lvsclient neigh add 192.0.2.1 lladdr 02:00:00:00:00:99 dev peer0 nud stale");
  run("ip -n lvsclient neigh add 2001:db8::1 lladdr 02:00:00:00:00:99 dev peer0 nud stale");
  auto announcer = RawAnnouncer::open();
  ASSERT_TRUE(announcer) << announcer.error().message;
  ObservedLink uplink;
  for (const auto& link : read_network().links) {
    if (link.name == kUplink) uplink = link;
  }
  for (const char* vip : {"192.0.2.1", "2001:db8::1"}) {
    const auto announced = (*announcer)->announce(ip(vip), uplink);
    EXPECT_TRUE(announced) << announced.error().message;
  }
  usleep(200'000);
  const std::string neighbours = run("ip -n lvsclient neigh");
  run("ip netns del lvsclient");
  EXPECT_THAT(neighbours, Not(HasSubstr("02:00:00:00:00:99")));
  EXPECT_THAT(neighbours, AllOf(HasSubstr("192.0.2.1 dev"), HasSubstr("2001:db8::1 dev")));
}

TEST_P(RealKernel, AnnouncesNothingWhereNobodyAsks) {
  auto announcer = RawAnnouncer::open();
  ASSERT_TRUE(announcer) << announcer.error().message;
  for (const auto& link : read_network().links) {
    if (!link.loopback) continue;
    const auto refused = (*announcer)->announce(ip("192.0.2.1"), link);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  }
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RealKernel);
INSTANTIATE_TEST_SUITE_P(Kernel, RealKernel, ::testing::ValuesIn(only_real_kinds()),
                         environment_name);

}  // namespace
}  // namespace lvs::testing
