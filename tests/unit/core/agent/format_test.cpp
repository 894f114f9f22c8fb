#include "core/format.h"

#include <gtest/gtest.h>

#include "tests/unit/core/agent/builders.h"

namespace lvs {
namespace {

using test::dest;
using test::ip;
using test::kWeb;
using test::tcp;
using test::weight;

const ServiceKey kWeb6 = tcp("2001:db8::1", 443);
const ServiceKey kDns{ip("192.0.2.1"), Protocol::kUdp, 53, 0};
const ServiceKey kSctp{ip("192.0.2.1"), Protocol::kSctp, 3868, 0};
const ServiceKey kMark{ip("0.0.0.0"), Protocol::kTcp, 0, 7};
const ServiceKey kMark6{ip("::"), Protocol::kTcp, 0, 8};

struct FormatCase {
  Operation operation;
  std::string text;
};

TEST(Format, OperationsAsIpvsadmReadsThem) {
  const std::vector<FormatCase> cases{
      {NewService{kWeb, {"wrr", 0, 0, 0}}, "-A -t 192.0.2.1:80 -s wrr"},
      {NewService{kWeb6, {"rr", 0, 0, 0}}, "-A -t [2001:db8::1]:443 -s rr"},
      {NewService{kDns, {"sh", kFlagSched1, 0, 0}}, "-A -u 192.0.2.1:53 -s sh -b sh-fallback"},
      {NewService{kDns, {"sh", kFlagSched2, 0, 0}}, "-A -u 192.0.2.1:53 -s sh -b sh-port"},
      {NewService{kDns, {"rr", kFlagOnePacket, 0, 0}}, "-A -u 192.0.2.1:53 -s rr -o"},
      {NewService{kSctp, {"", 0, 0, 0}}, "-A --sctp-service 192.0.2.1:3868 -s none"},
      {NewService{kMark, {"rr", 0, 360, 32}}, "-A -f 7 -s rr -p 360"},
      {NewService{kMark6, {"rr", 0, 360, 64}}, "-A -f 8 -6 -s rr -p 360 -M 64"},
      {NewService{kWeb, {"rr", 0, 60, 20}}, "-A -t 192.0.2.1:80 -s rr -p 60 -M 255.255.240.0"},
      {SetService{kWeb, {"lc", kFlagSched3, 0, 0}}, "-E -t 192.0.2.1:80 -s lc -b flag-3"},
      {DeleteService{kMark6}, "-D -f 8 -6"},
      {NewDestination{kWeb, dest("192.0.2.7"), weight(3)},
       "-a -t 192.0.2.1:80 -r 192.0.2.7:80 -g -w 3"},
      {NewDestination{kWeb6, dest("2001:db8::7", 443), {ForwardingMethod::kMasquerade, 1, 0, 0}},
       "-a -t [2001:db8::1]:443 -r [2001:db8::7]:443 -m -w 1"},
      {DeleteDestination{kWeb, dest("192.0.2.7")}, "-d -t 192.0.2.1:80 -r 192.0.2.7:80"},
  };
  for (const FormatCase& c : cases) EXPECT_EQ(format(c.operation), c.text);
}

TEST(Format, NetworkOperationsAsIpAndSysctlReadThem) {
  const std::vector<FormatCase> cases{
      {AddAddress{ip("192.0.2.1"), "eth1", VipScope::kUplink, 0},
       "ip addr add 192.0.2.1/32 dev eth1 noprefixroute"},
      {AddAddress{ip("192.0.2.1"), "lo", VipScope::kLoopback, 0},
       "ip addr add 192.0.2.1/32 dev lo scope host noprefixroute"},
      {AddAddress{ip("2001:db8::1"), "eth1", VipScope::kUplink, 10},
       "ip addr add 2001:db8::1/128 dev eth1 nodad noprefixroute valid_lft 10"},
      {DeleteAddress{ip("192.0.2.1"), "eth1"}, "ip addr del 192.0.2.1/32 dev eth1"},
      {SetArp{"eth0", 1, 2},
       "sysctl -w net.ipv4.conf.eth0.arp_ignore=1 net.ipv4.conf.eth0.arp_announce=2"},
  };
  for (const FormatCase& c : cases) EXPECT_EQ(format(c.operation), c.text);
}

TEST(Format, TheTableAsIpvsadmSavesIt) {
  const std::vector<ObservedService> table{
      test::observed(kWeb, "wrr", {{"192.0.2.7", 3}, {"192.0.2.8", 2}}),
      test::observed(kWeb6, "", {})};
  EXPECT_EQ(format_table(table),
            "-A -t 192.0.2.1:80 -s wrr\n"
            "-a -t 192.0.2.1:80 -r 192.0.2.7:80 -g -w 3\n"
            "-a -t 192.0.2.1:80 -r 192.0.2.8:80 -g -w 2\n"
            "-A -t [2001:db8::1]:443 -s none\n");
}

TEST(Format, KeysForPeople) {
  EXPECT_EQ(to_string(kWeb), "TCP 192.0.2.1:80");
  EXPECT_EQ(to_string(kWeb6), "TCP [2001:db8::1]:443");
  EXPECT_EQ(to_string(kMark), "FWM 7 IPv4");
  EXPECT_EQ(to_string(kMark6), "FWM 8 IPv6");
  EXPECT_EQ(to_string(dest("2001:db8::7")), "[2001:db8::7]:80");
}

}  // namespace
}  // namespace lvs
