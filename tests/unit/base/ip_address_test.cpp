#include "base/ip_address.h"

#include <ostream>

#include <gtest/gtest.h>

namespace lvs {
namespace {

IpAddress ip(const char* text) { return *IpAddress::parse(text); }

TEST(IpAddress, WritesTheCanonicalText) {
  EXPECT_EQ(ip("192.168.100.100").to_string(), "192.168.100.100");
  EXPECT_EQ(ip("FD00:100:0:0:0:0:0:0100").to_string(), "fd00:100::100");
}

TEST(IpAddress, KnowsItsFamily) {
  EXPECT_EQ(ip("10.0.0.1").family(), Family::kV4);
  EXPECT_EQ(ip("::1").family(), Family::kV6);
}

class RefusesAddress : public testing::TestWithParam<const char*> {};

TEST_P(RefusesAddress, WithTheTextInTheMessage) {
  const auto address = IpAddress::parse(GetParam());
  ASSERT_FALSE(address.has_value());
  EXPECT_NE(address.error().message.find(GetParam()), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Table, RefusesAddress,
                         testing::Values("", "10.0.0", "10.0.0.256", "10.0.0.1/32", " 10.0.0.1",
                                         "fe80::1%eth0", "::ffff:10.0.0.1", "web", "010.0.0.1"));

TEST(IpAddress, RefusesAHiddenNul) {
  EXPECT_FALSE(IpAddress::parse(std::string_view("10.0.0.1\0x", 10)).has_value());
}

TEST(IpAddress, SortsV4BeforeV6ThenByBytes) {
  EXPECT_LT(ip("255.0.0.1"), ip("::1"));
  EXPECT_LT(ip("10.0.0.2"), ip("10.0.0.10"));
}

TEST(IpAddress, KnowsItsKinds) {
  EXPECT_TRUE(ip("0.0.0.0").is_unspecified());
  EXPECT_TRUE(ip("::").is_unspecified());
  EXPECT_TRUE(ip("127.8.0.1").is_loopback());
  EXPECT_TRUE(ip("::1").is_loopback());
  EXPECT_FALSE(ip("::2").is_loopback());
  EXPECT_TRUE(ip("224.0.0.81").is_multicast());
  EXPECT_TRUE(ip("ff02::1").is_multicast());
  EXPECT_TRUE(ip("169.254.1.1").is_link_local());
  EXPECT_TRUE(ip("fe80::1").is_link_local());
  EXPECT_TRUE(ip("255.255.255.255").is_limited_broadcast());
}

struct Membership {
  const char* network;
  const char* address;
  bool inside;
};

// For the name of the test.
std::ostream& operator<<(std::ostream& out, const Membership& membership) {
  return out << membership.network << " " << membership.address;
}

class NetworkContains : public testing::TestWithParam<Membership> {};

TEST_P(NetworkContains, ByPrefix) {
  const auto network = IpNetwork::parse(GetParam().network);
  ASSERT_TRUE(network.has_value());
  EXPECT_EQ(network->contains(ip(GetParam().address)), GetParam().inside);
}

INSTANTIATE_TEST_SUITE_P(Table, NetworkContains,
                         testing::Values(Membership{"192.168.100.10/24", "192.168.100.100", true},
                                         Membership{"192.168.100.10/24", "192.168.101.1", false},
                                         Membership{"10.0.0.0/9", "10.127.0.1", true},
                                         Membership{"10.0.0.0/9", "10.128.0.1", false},
                                         Membership{"0.0.0.0/0", "8.8.8.8", true},
                                         Membership{"0.0.0.0/0", "::1", false},
                                         Membership{"fd00:100::/64", "fd00:100::100", true},
                                         Membership{"fd00:100::1/128", "fd00:100::2", false}));

TEST(IpNetwork, RefusesWrongPrefixLengths) {
  for (const char* text :
       {"10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "::/129", "::/1x"}) {
    EXPECT_FALSE(IpNetwork::parse(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace lvs
