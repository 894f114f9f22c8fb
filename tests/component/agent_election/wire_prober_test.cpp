// The prober on a real segment: two network namespaces of our own, joined by a veth pair. The
// machine on the other side is the kernel itself, and arping as a stranger.
#include "agent/election/wire_prober.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <unistd.h>

#include "agent/announce/raw_announcer.h"
#include "agent/election/neighbour_frames.h"
#include "tests/component/operator/eventually.h"

namespace lvs {
namespace {

const IpAddress kVip4 = IpAddress::parse("192.0.2.1").value();
const IpAddress kVip6 = IpAddress::parse("2001:db8::1").value();
const IpAddress kAddress4 = IpAddress::parse("192.0.2.77").value();
const IpAddress kLinkLocal = IpAddress::parse("fe80::77").value();
constexpr HardwareAddress kOwn{2, 0, 0, 0, 0, 1};
constexpr HardwareAddress kOther{2, 0, 0, 0, 0, 2};

int run(const std::string& command) { return std::system((command + " >/dev/null 2>&1").c_str()); }

class ProberOnASegment : public ::testing::Test {
 protected:
  void SetUp() override {
    before_ = ::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    if (run("ip netns add " + other_) != 0 || ::unshare(CLONE_NEWNET) != 0) {
      GTEST_SKIP() << "may not make network namespaces (needs root)";
    }
    const std::string in_other = "ip -n " + other_ + " ";
    const bool built =
        run("ip link add up0 address 02:00:00:00:00:01 type veth peer name other0") == 0 &&
        run("ip link set other0 address 02:00:00:00:00:02 netns " + other_) == 0 &&
        run("ip addr add 192.0.2.77/24 dev up0 && ip link set lo up && ip link set up0 up") == 0 &&
        run("ip addr add fe80::77/64 dev up0 nodad") == 0 &&
        run(in_other + "link set other0 up") == 0;
    ASSERT_TRUE(built);
    // Until the kernel has seen both carriers it drops what is sent.
    ASSERT_TRUE(eventually([&] {
      return run("ip link show up0 | grep -q 'state UP'") == 0 &&
             run(in_other + "link show other0 | grep -q 'state UP'") == 0;
    }));
    prober_ = std::move(WireProber::open(
                            [this](const WireEvent& event) {
                              const std::lock_guard lock(mutex_);
                              events_.push_back(event);
                            },
                            [this](int link) { heard_on_ = link; })
                            .value());
    link_.index = static_cast<int>(::if_nametoindex("up0"));
    const auto watching = prober_->watch({{kVip4, link_}, {kVip6, link_}});
    ASSERT_TRUE(watching) << watching.error().message;
  }
  void TearDown() override {
    prober_.reset();
    if (::setns(before_, CLONE_NEWNET) != 0) ADD_FAILURE() << "setns";
    ::close(before_);
    run("ip netns del " + other_);
  }

  void give(const std::string& address) {
    ASSERT_EQ(run("ip -n " + other_ + " addr add " + address + " dev other0 nodad"), 0);
  }
  int in_other(const std::string& command) {
    return run("ip netns exec " + other_ + " " + command);
  }
  template <typename Event>
  std::size_t count(const IpAddress& vip, const HardwareAddress& from = kOther) {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(
        std::count_if(events_.begin(), events_.end(), [&](const auto& event) {
          const auto* seen = std::get_if<Event>(&event);
          return seen != nullptr && seen->vip == vip && seen->from == from;
        }));
  }
  std::size_t all() {
    const std::lock_guard lock(mutex_);
    return events_.size();
  }

  const std::string other_ = "lvs-prober-" + std::to_string(::getpid());
  int before_ = -1;
  ObservedLink link_{"up0", 0, true, true, false, false, kOwn};
  std::unique_ptr<WireProber> prober_;
  std::mutex mutex_;
  std::vector<WireEvent> events_;
  std::atomic<int> heard_on_{0};
};

TEST_F(ProberOnASegment, NobodyAnswersWhereNobodyHasIt) {
  EXPECT_TRUE(prober_->ask(kVip4, link_, kAddress4));
  EXPECT_TRUE(prober_->ask(kVip6, link_, kLinkLocal));
  EXPECT_TRUE(stays([&] { return all() == 0; }));
}

// Whether the segment carries at all is seen by any machine's word.
TEST_F(ProberOnASegment, AnyMachinesWordIsHeardButNoEvent) {
  const IpAddress witness = IpAddress::parse("192.0.2.88").value();
  give("192.0.2.88/32");
  EXPECT_TRUE(prober_->ask(witness, link_, kAddress4));
  EXPECT_TRUE(eventually([&] { return heard_on_ == link_.index; }));
  EXPECT_EQ(all(), 0U);
}

TEST_F(ProberOnASegment, TheHolderAnswersOverIpv4) {
  give("192.0.2.1/32");
  EXPECT_TRUE(prober_->ask(kVip4, link_, kAddress4));
  EXPECT_TRUE(eventually([&] { return count<WireAnswered>(kVip4) == 1; }));
}

TEST_F(ProberOnASegment, TheHolderAnswersAProbeWithoutASource) {
  give("192.0.2.1/32");
  EXPECT_TRUE(prober_->ask(kVip4, link_, std::nullopt));
  EXPECT_TRUE(eventually([&] { return count<WireAnswered>(kVip4) == 1; }));
}

TEST_F(ProberOnASegment, TheHolderAnswersOverIpv6) {
  give("2001:db8::1/128");
  EXPECT_TRUE(eventually([&] {
    EXPECT_TRUE(prober_->ask(kVip6, link_, kLinkLocal));
    return count<WireAnswered>(kVip6) > 0;
  }));
}

TEST_F(ProberOnASegment, TheHolderAnswersOverIpv6ToAllWithoutASource) {
  give("2001:db8::1/128");
  EXPECT_TRUE(eventually([&] {
    EXPECT_TRUE(prober_->ask(kVip6, link_, std::nullopt));
    return count<AnnouncementSeen>(kVip6) > 0;
  }));
}

TEST_F(ProberOnASegment, TheHolderAnswersWhateverItsSysctls) {
  give("192.0.2.1/32");
  for (const char* sysctl : {"arp_ignore=1", "arp_announce=2", "rp_filter=1"}) {
    ASSERT_EQ(in_other(std::string("sysctl -w net.ipv4.conf.all.") + sysctl), 0);
  }
  give("192.0.2.9/24");
  EXPECT_TRUE(prober_->ask(kVip4, link_, kAddress4));
  EXPECT_TRUE(eventually([&] { return count<WireAnswered>(kVip4) == 1; }));
}

TEST_F(ProberOnASegment, AnnouncementsOfTheKernelAndOfArpingAreSeen) {
  give("192.0.2.1/32");
  ASSERT_EQ(in_other("arping -U -c 1 -I other0 192.0.2.1"), 0);
  EXPECT_TRUE(eventually([&] { return count<AnnouncementSeen>(kVip4) == 1; }));
  // The kernel announces on a new hardware address.
  ASSERT_EQ(in_other("sysctl -w net.ipv6.conf.other0.ndisc_notify=1"), 0);
  give("2001:db8::1/128");
  ASSERT_EQ(in_other("ip link set other0 address 02:00:00:00:00:03"), 0);
  EXPECT_TRUE(eventually([&] { return count<AnnouncementSeen>(kVip6, {2, 0, 0, 0, 0, 3}) == 1; }));
}

TEST_F(ProberOnASegment, OurOwnAnnouncementsAreNot) {
  const auto announcer = RawAnnouncer::open();
  ASSERT_TRUE(announcer);
  ASSERT_TRUE((*announcer)->announce(kVip4, link_));
  ASSERT_TRUE((*announcer)->announce(kVip6, link_));
  EXPECT_TRUE(stays([&] { return all() == 0; }));
}

TEST_F(ProberOnASegment, OtherAddressesAreNoNews) {
  give("192.0.2.2/32");
  ASSERT_EQ(in_other("arping -U -c 1 -I other0 192.0.2.2"), 0);
  EXPECT_TRUE(stays([&] { return all() == 0; }));
}

TEST_F(ProberOnASegment, ALinkThatIsDownCannotBeAsked) {
  ASSERT_EQ(run("ip link set up0 down"), 0);
  EXPECT_EQ(prober_->ask(kVip4, link_, kAddress4).error().code, ErrorCode::kUnavailable);
  ASSERT_EQ(run("ip link set up0 up"), 0);
  give("192.0.2.1/32");
  EXPECT_TRUE(eventually([&] {
    (void)prober_->ask(kVip4, link_, kAddress4);
    return count<WireAnswered>(kVip4) > 0;
  }));
}

TEST_F(ProberOnASegment, WhatIsNotWatchedAnyMoreIsNotReported) {
  give("192.0.2.1/32");
  ASSERT_TRUE(prober_->watch({{kVip6, link_}}));
  EXPECT_TRUE(prober_->ask(kVip4, link_, kAddress4));
  EXPECT_TRUE(stays([&] { return all() == 0; }));
  ASSERT_TRUE(prober_->watch({{kVip4, link_}}));
  EXPECT_TRUE(prober_->ask(kVip4, link_, kAddress4));
  EXPECT_TRUE(eventually([&] { return count<WireAnswered>(kVip4) == 1; }));
}

TEST_F(ProberOnASegment, AMissingLinkIsNamedAndTheOthersAreWatched) {
  ObservedLink missing = link_;
  missing.name = "gone0";
  missing.index = 4'242;
  const auto watching = prober_->watch({{kVip4, missing}, {kVip4, link_}});
  EXPECT_EQ(watching.error().code, ErrorCode::kNotFound);
  EXPECT_NE(watching.error().message.find("gone0"), std::string::npos);
  give("192.0.2.1/32");
  EXPECT_TRUE(prober_->ask(kVip4, link_, kAddress4));
  EXPECT_TRUE(eventually([&] { return count<WireAnswered>(kVip4) == 1; }));
}

TEST_F(ProberOnASegment, OnALoopbackNobodyIsAsked) {
  ObservedLink loopback = link_;
  loopback.loopback = true;
  EXPECT_EQ(prober_->ask(kVip4, loopback, kAddress4).error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(prober_->watch({{kVip4, loopback}}));
}

}  // namespace
}  // namespace lvs
