#include "agent/kernel/network_news.h"

#include <gtest/gtest.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include "agent/kernel/address_picture.h"
#include "agent/kernel/netlink_route_codec.h"

namespace lvs::netlink {
namespace {

const IpAddress kVip = IpAddress::parse("192.0.2.1").value();

// The kernel announces an address in the form in which it is asked for.
std::vector<std::uint8_t> announced(const IpAddress& vip, std::uint32_t seconds,
                                    VipScope scope = VipScope::kUplink) {
  Batch batch;
  encode_add_address({vip, "eth0", scope, seconds}, 2, IfPresent::kRefuse, batch);
  return {batch.bytes().begin(), batch.bytes().end()};
}

std::vector<std::uint8_t> gone(const IpAddress& vip) {
  Batch batch;
  encode_delete_address({vip, "eth0"}, 2, batch);
  return {batch.bytes().begin(), batch.bytes().end()};
}

TEST(NetworkNews, ALifetimeIsNone) {
  NetworkNews news;
  EXPECT_TRUE(news.is_news(announced(kVip, 10)));
  EXPECT_FALSE(news.is_news(announced(kVip, 9)));
  EXPECT_TRUE(news.is_news(announced(kVip, 10, VipScope::kLoopback))) << "another scope";
  EXPECT_TRUE(news.is_news(announced(IpAddress::parse("192.0.2.2").value(), 10)));
}

TEST(NetworkNews, WhatGoesAndComesAgainIsNewAgain) {
  for (const IpAddress& vip : {kVip, IpAddress::parse("2001:db8::1").value()}) {
    NetworkNews news;
    EXPECT_TRUE(news.is_news(announced(vip, 10)));
    EXPECT_TRUE(news.is_news(gone(vip)));
    EXPECT_TRUE(news.is_news(announced(vip, 10)));
    EXPECT_FALSE(news.is_news(announced(vip, 10)));
    news.forget();
    EXPECT_TRUE(news.is_news(announced(vip, 10)));
  }
}

TEST(NetworkNews, LinksAndWhatCannotBeReadAreNews) {
  NetworkNews news;
  Batch batch;
  batch.open_message(RTM_NEWLINK, 0);
  batch.put(bytes_of(ifinfomsg{}));
  batch.close_message();
  EXPECT_TRUE(news.is_news(batch.bytes()));
  EXPECT_TRUE(news.is_news(batch.bytes()));
  EXPECT_TRUE(news.is_news(batch.bytes().first(7)));
}

TEST(AddressPicture, SeesItsOwnEffects) {
  ObservedLink link;
  link.name = "eth0";
  link.index = 2;
  AddressPicture picture({link}, {{kVip, 24, "eth0", false, 0, false}});
  Batch batch;
  const IpAddress other = IpAddress::parse("192.0.2.2").value();
  EXPECT_EQ(picture.encode(AddAddress{kVip, "eth0", VipScope::kUplink, 10}, batch), EEXIST);
  EXPECT_EQ(picture.encode(DeleteAddress{kVip, "eth0"}, batch), EPERM);
  EXPECT_EQ(picture.encode(DeleteAddress{other, "eth0"}, batch), EADDRNOTAVAIL);
  EXPECT_EQ(picture.encode(AddAddress{other, "eth1", VipScope::kUplink, 10}, batch), ENODEV);
  EXPECT_EQ(batch.message_count(), 0U);
  EXPECT_EQ(picture.encode(AddAddress{other, "eth0", VipScope::kUplink, 10}, batch), 0);
  EXPECT_EQ(picture.encode(AddAddress{other, "eth0", VipScope::kUplink, 10}, batch), 0);
  EXPECT_EQ(picture.encode(DeleteAddress{other, "eth0"}, batch), 0);
  EXPECT_EQ(picture.encode(DeleteAddress{other, "eth0"}, batch), EADDRNOTAVAIL);
  EXPECT_EQ(batch.message_count(), 3U);
}

}  // namespace
}  // namespace lvs::netlink
