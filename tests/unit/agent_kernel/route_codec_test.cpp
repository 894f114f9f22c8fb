#include <gtest/gtest.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include "agent/kernel/netlink_route_codec.h"

namespace lvs::netlink {
namespace {

const LinkNames kNames{{1, "lo"}, {2, "eth0"}, {3, "abcdefghijklmno"}};

IpAddress ip(const char* text) { return IpAddress::parse(text).value(); }

Bytes first_payload(const Batch& batch) {
  Bytes rest = batch.bytes();
  return take_message(rest).value().payload;
}

ObservedAddress round_trip(const AddAddress& add, int index) {
  Batch batch;
  encode_add_address(add, index, IfPresent::kRefuse, batch);
  return recognise({decode_address(first_payload(batch), kNames).value()}).at(0);
}

TEST(RouteCodec, AnAddressSurvives) {
  for (const char* vip : {"192.0.2.1", "2001:db8::1"}) {
    for (const std::uint32_t seconds : {0U, 1U, 10U}) {
      const AddAddress add{ip(vip), "eth0", VipScope::kUplink, seconds};
      const ObservedAddress expected{ip(vip), address_bits(ip(vip).family()), "eth0", true, seconds,
                                     false};
      EXPECT_EQ(round_trip(add, 2), expected);
    }
  }
}

TEST(RouteCodec, LoopbackIsOfScopeHostAndIpv6IsBornDeprecated) {
  Batch batch;
  encode_add_address({ip("2001:db8::1"), "lo", VipScope::kLoopback, 0}, 1, IfPresent::kRefuse,
                     batch);
  Bytes payload = first_payload(batch);
  EXPECT_EQ(take_header<ifaddrmsg>(payload)->ifa_scope, RT_SCOPE_HOST);
  const auto table = AttributeTable<IFA_PROTO + 1>::parse(payload).value();
  EXPECT_EQ(table.get<ifa_cacheinfo>(IFA_CACHEINFO)->ifa_prefered, 0U);
  EXPECT_EQ(table.get<std::uint32_t>(IFA_FLAGS), std::uint32_t{IFA_F_NODAD | IFA_F_NOPREFIXROUTE});
}

// An address message with exactly one attribute beside the address.
template <typename Put>
ObservedAddress with(const char* address, int index, Put put) {
  const IpAddress value = ip(address);
  Batch batch;
  batch.open_message(RTM_NEWADDR, 0);
  ifaddrmsg header{};
  header.ifa_family = value.family() == Family::kV4 ? AF_INET : AF_INET6;
  header.ifa_prefixlen = 24;
  header.ifa_index = static_cast<unsigned>(index);
  batch.put(bytes_of(header));
  batch.attribute(IFA_ADDRESS, Bytes(value.bytes()).first(value.byte_count()));
  put(batch);
  batch.close_message();
  return recognise({decode_address(first_payload(batch), kNames).value()}).at(0);
}

TEST(RouteCodec, EachMarkIsEnough) {
  EXPECT_FALSE(with("192.0.2.1", 2, [](Batch&) {}).owned);
  EXPECT_TRUE(with("192.0.2.1", 2, [](Batch& b) { b.number(IFA_PROTO, kAddressProtocol); }).owned);
  EXPECT_FALSE(with("192.0.2.1", 2, [](Batch& b) { b.number(IFA_PROTO, std::uint8_t{2}); }).owned);
  EXPECT_TRUE(with("192.0.2.1", 2, [](Batch& b) { b.text(IFA_LABEL, "eth0:lvs"); }).owned);
  EXPECT_FALSE(with("192.0.2.1", 2, [](Batch& b) { b.text(IFA_LABEL, "eth0"); }).owned);
  EXPECT_FALSE(with("192.0.2.1", 2, [](Batch& b) { b.text(IFA_LABEL, "eth1:lvs"); }).owned);
  const auto metric = [](Batch& b) { b.number(IFA_RT_PRIORITY, std::uint32_t{0x4c5653}); };
  EXPECT_TRUE(with("2001:db8::1", 2, metric).owned);
  EXPECT_FALSE(with("192.0.2.1", 2, metric).owned);
}

TEST(RouteCodec, WhereTheKernelStoresProtocolsALabelIsSomebodyElses) {
  const auto marked = [](std::uint8_t protocol, bool old_mark) {
    return MarkedAddress{{ip("192.0.2.1"), 32, "eth0", false, 0, false}, protocol, old_mark};
  };
  constexpr std::uint8_t kKernelLoopback = 1;  // IFAPROT_KERNEL_LO
  const auto seen =
      recognise({marked(kKernelLoopback, false), marked(0, true), marked(kAddressProtocol, true)});
  EXPECT_EQ((std::vector{seen[0].owned, seen[1].owned, seen[2].owned}),
            (std::vector{false, false, true}));
}

TEST(RouteCodec, ALabelThatIsTheBareNameMarksNothing) {
  EXPECT_EQ(address_label("eth0"), "eth0:lvs");
  EXPECT_EQ(address_label("enp0s31f6abc"), "enp0s31f6abc:lv");
  EXPECT_EQ(address_label("abcdefghijklmno"), "abcdefghijklmno");
  EXPECT_FALSE(with("192.0.2.1", 3, [](Batch& b) { b.text(IFA_LABEL, "abcdefghijklmno"); }).owned);
}

TEST(RouteCodec, ReadsLifetimesAndDuplicates) {
  const auto lifetime = [](std::uint32_t valid) {
    return [valid](Batch& b) {
      b.attribute(IFA_CACHEINFO, bytes_of(ifa_cacheinfo{0, valid, 0, 0}));
    };
  };
  EXPECT_EQ(with("192.0.2.1", 2, lifetime(0xffffffff)).valid_seconds, 0U);
  EXPECT_EQ(with("192.0.2.1", 2, lifetime(7)).valid_seconds, 7U);
  // In its last second: not for ever.
  EXPECT_EQ(with("192.0.2.1", 2, lifetime(0)).valid_seconds, 1U);
  EXPECT_TRUE(with("2001:db8::1", 2, [](Batch& b) {
                b.number(IFA_FLAGS, std::uint32_t{IFA_F_DADFAILED});
              }).duplicate_detected);
}

TEST(RouteCodec, LeavesOutAddressesOfUnknownInterfaces) {
  Batch batch;
  encode_add_address({ip("192.0.2.1"), "eth9", VipScope::kUplink, 0}, 9, IfPresent::kRefuse, batch);
  EXPECT_FALSE(decode_address(first_payload(batch), kNames));
}

TEST(RouteCodec, ReadsLinks) {
  Batch batch;
  batch.open_message(RTM_NEWLINK, 0);
  ifinfomsg header{};
  header.ifi_index = 5;
  header.ifi_flags = IFF_UP | IFF_NOARP | 0x10000;
  batch.put(bytes_of(header));
  batch.text(IFLA_IFNAME, "dummy0");
  const std::array<std::uint8_t, 6> hardware{2, 0, 0, 0, 0, 9};
  batch.attribute(IFLA_ADDRESS, hardware);
  batch.close_message();
  const ObservedLink expected{"dummy0", 5, true, true, false, true, hardware};
  EXPECT_EQ(decode_link(first_payload(batch)), expected);
  EXPECT_FALSE(decode_link({}));
  EXPECT_FALSE(decode_address({}, kNames));
}

Batch neighbour(int link, std::uint16_t state, const IpAddress& address, Bytes hardware) {
  Batch batch;
  batch.open_message(RTM_NEWNEIGH, 0);
  ndmsg header{};
  header.ndm_family = address.family() == Family::kV4 ? AF_INET : AF_INET6;
  header.ndm_ifindex = link;
  header.ndm_state = state;
  batch.put(bytes_of(header));
  batch.attribute(NDA_DST, Bytes(address.bytes()).first(address.byte_count()));
  if (!hardware.empty()) batch.attribute(NDA_LLADDR, hardware);
  batch.close_message();
  return batch;
}

TEST(RouteCodec, ReadsNeighbours) {
  const std::array<std::uint8_t, 6> hardware{2, 0, 0, 0, 0, 9};
  const IpAddress v4 = ip("192.0.2.9");
  const IpAddress v6 = ip("2001:db8::9");
  const auto read = [&](const Batch& batch) { return decode_neighbour(first_payload(batch), 2); };
  EXPECT_EQ(read(neighbour(2, NUD_REACHABLE, v4, hardware)),
            (ObservedNeighbour{v4, hardware, true}));
  EXPECT_EQ(read(neighbour(2, NUD_STALE, v6, hardware)), (ObservedNeighbour{v6, hardware, false}));
  EXPECT_FALSE(read(neighbour(3, NUD_REACHABLE, v4, hardware)));
  EXPECT_FALSE(read(neighbour(2, NUD_FAILED, v4, {})));
  EXPECT_FALSE(decode_neighbour({}, 2));
}

}  // namespace
}  // namespace lvs::netlink
