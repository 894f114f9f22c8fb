#include "agent/kernel/young_connections.h"

#include <gtest/gtest.h>

namespace lvs {
namespace {

const char* const kHalfOpenLine =
    "TCP C0A86432 AB32 C0A86464 0050 C0A86415 0050 SYN_RECV    LOCAL       57";
const char* const kIpv6Line =
    "TCP fd00:0100:0000:0000:0000:0000:0000:0050 92E2 fd00:0100:0000:0000:0000:0000:0000:0100 0050 "
    "fd00:0100:0000:0000:0000:0000:0000:0021 0050 ESTABLISHED LOCAL      898";

IpAddress known_ip(const char* text) { return IpAddress::parse(text).value(); }

BalancedConnection half_open() {
  return {known_ip("192.168.100.50"),
          known_ip("192.168.100.100"),
          known_ip("192.168.100.21"),
          43826,
          80,
          80,
          true,
          57};
}

BalancedConnection established(std::uint16_t client_port, std::uint32_t seconds_left) {
  BalancedConnection connection = half_open();
  connection.client_port = client_port;
  connection.half_open = false;
  connection.seconds_left = seconds_left;
  return connection;
}

TEST(ConnectionTableLine, IsReadInBothFamilies) {
  EXPECT_EQ(read_connection(kHalfOpenLine), half_open());
  const BalancedConnection expected{known_ip("fd00:100::50"),
                                    known_ip("fd00:100::100"),
                                    known_ip("fd00:100::21"),
                                    0x92e2,
                                    80,
                                    80,
                                    false,
                                    898};
  EXPECT_EQ(read_connection(kIpv6Line), expected);
}

TEST(ConnectionTableLine, OfWhatNeedsNoTellingIsPassedOver) {
  for (const char* line :
       {"Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Origin Expires", "",
        "UDP C0A86432 AB32 C0A86464 0035 C0A86415 0035 UDP         LOCAL      299",
        "TCP C0A86432 AB32 C0A86464 0050 C0A86415 0050 FIN_WAIT    LOCAL       57",
        "TCP C0A86432 AB32 C0A86464 0050 C0A86415 0050 ESTABLISHED SYNC       898",
        "TCP C0A86432 AB32 C0A86464 0050 C0A86415 0050 SYN_RECV    LOCAL",
        "TCP C0A86432 10000 C0A86464 0050 C0A86415 0050 SYN_RECV   LOCAL       57",
        "TCP C0A8643 AB32 C0A86464 0050 C0A86415 0050 SYN_RECV    LOCAL       57",
        "TCP C0A86432 AB32 C0A86464 0050 fd00:0100:0000:0000:0000:0000:0000:0021 0050 SYN_RECV "
        "LOCAL 57"}) {
    EXPECT_EQ(read_connection(line), std::nullopt) << line;
  }
}

TEST(TheYoung, AreTheHalfOpenAndThoseWithAPacketInTheLastSeconds) {
  YoungConnections young;
  young.add(established(1, 700));
  young.add(half_open());
  young.add(established(2, 899));
  young.add(established(3, 895));
  young.add(established(4, 894));
  EXPECT_EQ(young.take(), (std::vector{half_open(), established(2, 899), established(3, 895)}));
  EXPECT_TRUE(young.take().empty());
}

TEST(TheYoung, AreFoundAmongManyThatAreOld) {
  YoungConnections young;
  for (std::uint16_t port = 1; port < 5000; ++port) young.add(established(port, port / 50));
  const auto found = young.take();
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found.front().client_port, 4750);
  EXPECT_EQ(found.back().client_port, 4999);
}

TEST(SyncDatagrams, AreWhatTheKernelWouldSend) {
  const std::vector<SyncDatagram> sent = sync_datagrams(std::vector{half_open()}, 76);
  const SyncDatagram expected{
      0,   76,  0,   44, 1,   1,   0,   0,    // id, size, one connection, version 1
      0,   6,   0,   36, 0,   0,   1,   3,    // IPv4, TCP, size, inactive and direct
      0,   3,   171, 50, 0,   80,  0,   80,   // SYN_RECV, ports of client, VIP, server
      0,   0,   0,   0,  0,   0,   0,   0,    // no mark, timeout of the state
      192, 168, 100, 50, 192, 168, 100, 100,  // client, VIP
      192, 168, 100, 21};
  EXPECT_EQ(sent, std::vector<SyncDatagram>{expected});
}

TEST(SyncDatagrams, CarryAsManyAsFitIntoAFrame) {
  const std::vector many(100, read_connection(kIpv6Line).value());
  std::size_t count = 0;
  for (const SyncDatagram& datagram : sync_datagrams(many, 1)) {
    EXPECT_LE(datagram.size(), 1400U);
    EXPECT_EQ(datagram.size(), 8U + datagram[4] * 72U);
    EXPECT_EQ(datagram.size(), datagram[2] * 256U + datagram[3]);
    count += datagram[4];
  }
  EXPECT_EQ(count, many.size());
  EXPECT_TRUE(sync_datagrams({}, 1).empty());
}

}  // namespace
}  // namespace lvs
