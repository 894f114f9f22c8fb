// What every Kernel does with addresses and ARP settings.
#include <algorithm>
#include <cerrno>

#include <gmock/gmock.h>

#include "tests/contract/kernel_environment.h"

namespace lvs::testing {
namespace {

class NetworkContract : public KernelContract {
 protected:
  [[nodiscard]] std::vector<ObservedAddress> find(const char* address) {
    auto addresses = read_network().addresses;
    std::erase_if(addresses, [&](const ObservedAddress& a) { return a.address != ip(address); });
    return addresses;
  }
  [[nodiscard]] ObservedArp uplink_arp() {
    for (const auto& arp : read_network().arp) {
      if (arp.interface == kUplink) return arp;
    }
    ADD_FAILURE() << "no ARP settings of " << kUplink;
    return {};
  }
};

const std::vector<const char*> kVips{"192.0.2.1", "2001:db8::1"};

TEST_P(NetworkContract, KnowsTheLinks) {
  const auto links = read_network().links;
  const auto lo = std::find_if(links.begin(), links.end(), [](auto& l) { return l.name == "lo"; });
  const auto uplink =
      std::find_if(links.begin(), links.end(), [](auto& l) { return l.name == kUplink; });
  ASSERT_NE(lo, links.end());
  ASSERT_NE(uplink, links.end());
  EXPECT_TRUE(lo->loopback && lo->up);
  EXPECT_TRUE(uplink->up && uplink->carrier);
  EXPECT_FALSE(uplink->loopback || uplink->noarp);
  EXPECT_NE(uplink->hardware_address, (std::array<std::uint8_t, 6>{}));
}

TEST_P(NetworkContract, PutsAnAddressOnAndTakesItOff) {
  for (const char* vip : kVips) {
    for (const auto& [interface, scope] :
         {std::pair{kUplink, VipScope::kUplink}, std::pair{"lo", VipScope::kLoopback}}) {
      apply({AddAddress{ip(vip), interface, scope, 0}});
      const auto found = find(vip);
      ASSERT_EQ(found.size(), 1U);
      const ObservedAddress expected{ip(vip), address_bits(ip(vip).family()), interface, true, 0,
                                     false};
      EXPECT_EQ(found[0], expected);
      EXPECT_EQ(refuse(AddAddress{ip(vip), interface, scope, 0}, EEXIST).code,
                ErrorCode::kAlreadyExists);
      apply({DeleteAddress{ip(vip), interface}});
      EXPECT_TRUE(find(vip).empty());
      EXPECT_EQ(refuse(DeleteAddress{ip(vip), interface}, EADDRNOTAVAIL).code,
                ErrorCode::kNotFound);
    }
  }
}

TEST_P(NetworkContract, SetsALifetimeAnewWithoutTakingTheAddressOff) {
  for (const char* vip : kVips) {
    const auto with_lifetime = [&](std::uint32_t seconds) {
      return AddAddress{ip(vip), kUplink, VipScope::kUplink, seconds};
    };
    apply({with_lifetime(10)});
    ASSERT_EQ(find(vip).size(), 1U);
    EXPECT_LE(find(vip)[0].valid_seconds, 10U);
    EXPECT_GE(find(vip)[0].valid_seconds, 8U);
    apply({with_lifetime(100)});
    ASSERT_EQ(find(vip).size(), 1U);
    EXPECT_GE(find(vip)[0].valid_seconds, 98U);
    EXPECT_TRUE(find(vip)[0].owned);
    apply({with_lifetime(0)});
    EXPECT_EQ(find(vip)[0].valid_seconds, 0U);
    apply({with_lifetime(10)});
    EXPECT_NE(find(vip)[0].valid_seconds, 0U);
  }
}

TEST_P(NetworkContract, LeavesForeignAddressesAlone) {
  for (const char* vip : kVips) {
    const int full = address_bits(ip(vip).family());
    environment().put_foreign_address(ip(vip), full, kUplink);
    const auto before = find(vip);
    ASSERT_EQ(before.size(), 1U);
    EXPECT_FALSE(before[0].owned);
    refuse(AddAddress{ip(vip), kUplink, VipScope::kUplink, 10}, EEXIST);
    EXPECT_EQ(refuse(DeleteAddress{ip(vip), kUplink}, EPERM).code, ErrorCode::kPermissionDenied);
    EXPECT_EQ(find(vip), before);
  }
}

TEST_P(NetworkContract, LeavesAForeignAddressOfAnotherPrefixAlone) {
  environment().put_foreign_address(ip("192.0.2.1"), 24, kUplink);
  refuse(AddAddress{ip("192.0.2.1"), kUplink, VipScope::kUplink, 10}, EEXIST);
  EXPECT_EQ(find("192.0.2.1").size(), 1U);
}

TEST_P(NetworkContract, SaysThatAnInterfaceIsNotThere) {
  EXPECT_EQ(refuse(AddAddress{ip("192.0.2.1"), "nosuch0", VipScope::kUplink, 0}, ENODEV).code,
            ErrorCode::kNotFound);
  refuse(DeleteAddress{ip("192.0.2.1"), "nosuch0"}, ENODEV);
  EXPECT_EQ(refuse(SetArp{"nosuch0", 1, 2}, ENOENT).code, ErrorCode::kNotFound);
}

TEST_P(NetworkContract, SetsArpPerInterface) {
  EXPECT_EQ(uplink_arp(), (ObservedArp{kUplink, 0, 0, 0, 0}));
  apply({SetArp{kUplink, 1, 2}});
  EXPECT_EQ(uplink_arp(), (ObservedArp{kUplink, 1, 2, 0, 0}));
  environment().set_all_arp(1, 1);
  EXPECT_EQ(uplink_arp(), (ObservedArp{kUplink, 1, 2, 1, 1}));
  apply({SetArp{kUplink, 0, 0}});
  EXPECT_EQ(uplink_arp(), (ObservedArp{kUplink, 0, 0, 1, 1}));
}

TEST_P(NetworkContract, KnowsWhoIsOffLink) {
  environment().put_foreign_address(ip("192.0.2.10"), 24, kUplink);
  environment().put_foreign_address(ip("2001:db8::10"), 64, kUplink);
  environment().put_route({ip("198.51.100.0"), 24}, ip("192.0.2.254"));
  environment().put_route({ip("2001:db8:1::"), 64}, ip("2001:db8::fe"));
  environment().put_route({ip("203.0.113.0"), 24}, std::nullopt);
  const std::set<IpAddress> on_link{ip("192.0.2.21"), ip("192.0.2.10"), ip("2001:db8::21"),
                                    ip("203.0.113.7")};
  const std::set<IpAddress> behind{ip("198.51.100.21"), ip("2001:db8:1::21")};
  const std::set<IpAddress> nowhere{ip("10.9.9.9"), ip("2001:db8:9::9")};
  std::set<IpAddress> asked = on_link;
  asked.insert(behind.begin(), behind.end());
  asked.insert(nowhere.begin(), nowhere.end());
  std::set<IpAddress> expected = behind;
  expected.insert(nowhere.begin(), nowhere.end());
  EXPECT_EQ(kernel().off_link(asked).value(), expected);
  EXPECT_TRUE(kernel().off_link({}).value().empty());
}

TEST_P(NetworkContract, NeverSetsArpOfAllInterfaces) {
  for (const char* name : {"all", "default"}) refuse(SetArp{name, 1, 2}, EINVAL);
  EXPECT_EQ(uplink_arp().all_ignore, 0);
}

TEST_P(NetworkContract, ListsNoArpSettingsOfLoopback) {
  for (const auto& arp : read_network().arp) EXPECT_NE(arp.interface, "lo");
}

INSTANTIATE_TEST_SUITE_P(Kernel, NetworkContract, ::testing::ValuesIn(environment_kinds()),
                         environment_name);

}  // namespace
}  // namespace lvs::testing
