// What every Kernel does so that nothing is balanced twice.
#include <algorithm>

#include <gmock/gmock.h>

#include "tests/contract/kernel_environment.h"
#include "tests/contract/real_environment.h"

namespace lvs::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class LocalDeliveryContract : public KernelContract {
 protected:
  void SetUp() override {
    environment().put_foreign_address(ip("192.0.2.10"), 24, kUplink);
    environment().put_foreign_address(ip("2001:db8::10"), 64, kUplink);
    apply({NewService{service_key("192.0.2.1"), {"rr", 0, 0, 0}}});
  }
  [[nodiscard]] LocalDelivery read() { return read_network().local_delivery; }
};

const LocalDelivery kBothFamilies{{ip("192.0.2.1"), ip("2001:db8::1")},
                                  {{2, 0, 0, 0, 0, 11}, {2, 0, 0, 0, 0, 12}},
                                  {ip("192.0.2.10"), ip("2001:db8::10")},
                                  {ip("192.0.2.11"), ip("192.0.2.12"), ip("2001:db8::11")}};

TEST_P(LocalDeliveryContract, IsReadAsItWasSet) {
  EXPECT_EQ(read(), LocalDelivery{});
  apply({SetLocalDelivery{kBothFamilies}});
  EXPECT_EQ(read(), kBothFamilies);
  const LocalDelivery less{{ip("192.0.2.1")}, {}, {ip("192.0.2.10")}};
  apply({SetLocalDelivery{less}});
  EXPECT_EQ(read(), less);
  apply({SetLocalDelivery{{}}, SetLocalDelivery{{}}});
  EXPECT_EQ(read(), LocalDelivery{});
}

TEST_P(LocalDeliveryContract, FollowsTheServersAddress) {
  apply({SetLocalDelivery{kBothFamilies}});
  LocalDelivery moved = kBothFamilies;
  moved.servers[0] = ip("192.0.2.11");
  moved.others[0] = ip("192.0.2.10");
  apply({SetLocalDelivery{moved}});
  EXPECT_EQ(read(), moved);
}

TEST_P(LocalDeliveryContract, IsNoVirtualService) {
  apply({SetLocalDelivery{kBothFamilies}});
  const auto services = read_services();
  ASSERT_EQ(services.size(), 1U);
  EXPECT_EQ(services[0].key, service_key("192.0.2.1"));
}

TEST_P(LocalDeliveryContract, TakesManyVips) {
  LocalDelivery many{{}, {{2, 0, 0, 0, 0, 11}}, {ip("192.0.2.10")}};
  for (int i = 0; i < 3'000; ++i) {
    many.vips.push_back(
        ip(("198.18." + std::to_string(i / 250) + "." + std::to_string(i % 250)).c_str()));
  }
  std::sort(many.vips.begin(), many.vips.end());
  apply({SetLocalDelivery{many}});
  EXPECT_EQ(read(), many);
}

INSTANTIATE_TEST_SUITE_P(Kernel, LocalDeliveryContract, ::testing::ValuesIn(environment_kinds()),
                         environment_name);

// nft and ipvsadm are the witnesses.
class RealLocalDelivery : public KernelContract {};

TEST_P(RealLocalDelivery, ShowsItselfToNftAndIpvsadmAndLeavesNothing) {
  apply({SetLocalDelivery{kBothFamilies}});
  EXPECT_THAT(
      environment().ruleset(),
      AllOf(HasSubstr("table inet lvs-agent-local {"), HasSubstr("hook prerouting priority mangle"),
            HasSubstr("ether saddr @directors ip daddr @ipv4 meta mark set 0x4c000001"),
            HasSubstr("ether saddr @directors ip6 daddr @ipv6 meta mark set 0x4c000001"),
            HasSubstr("hook output priority mangle"), HasSubstr("meta mark 0x00000000/8"),
            HasSubstr("02:00:00:00:00:0b"), HasSubstr("192.0.2.1"), HasSubstr("2001:db8::1")));
  EXPECT_THAT(environment().table(),
              AllOf(HasSubstr("-f 1275068417 -r 192.0.2.10:0 -g -w 1"),
                    HasSubstr("-f 1275068417 -r 192.0.2.11:0 -g -w 0"),
                    HasSubstr("-f 1275068417 -6 -r [2001:db8::10]:0 -g -w 1")));
  apply({SetLocalDelivery{{}}});
  EXPECT_EQ(environment().ruleset(), "");
  EXPECT_THAT(environment().table(), Not(HasSubstr("-f")));
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RealLocalDelivery);
INSTANTIATE_TEST_SUITE_P(Kernel, RealLocalDelivery, ::testing::ValuesIn(only_real_kinds()),
                         environment_name);

}  // namespace
}  // namespace lvs::testing
