#include <random>

#include <gtest/gtest.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <sys/socket.h>

#include "agent/kernel/netlink_ipvs_codec.h"

namespace lvs::netlink {
namespace {

constexpr std::uint16_t kFamily = 0x21;

Bytes payload_of(const Batch& batch) {
  Bytes rest = batch.bytes();
  const auto message = take_message(rest);
  EXPECT_TRUE(message && rest.empty());
  return message ? message->payload : Bytes{};
}

// The attributes that a dump adds to what a request has: statistics.
void put_stats(std::uint16_t type, const TrafficCounters& traffic, Batch& batch) {
  const auto nest = batch.open_nest(type);
  batch.number(IPVS_STATS_ATTR_CONNS, traffic.connections);
  batch.number(IPVS_STATS_ATTR_INPKTS, traffic.packets_in);
  batch.number(IPVS_STATS_ATTR_OUTPKTS, traffic.packets_out);
  batch.number(IPVS_STATS_ATTR_INBYTES, traffic.bytes_in);
  batch.number(IPVS_STATS_ATTR_OUTBYTES, traffic.bytes_out);
  batch.close_nest(nest);
}

// Random values, the same in every run of one seed.
class Values {
 public:
  explicit Values(unsigned seed) : random_(seed) {}

  std::uint32_t up_to(std::uint32_t most) {
    return std::uniform_int_distribution<std::uint32_t>(0, most)(random_);
  }
  Family family() { return up_to(1) == 0 ? Family::kV4 : Family::kV6; }
  IpAddress address(Family family) {
    IpAddress::Bytes bytes{};
    const std::size_t count = family == Family::kV4 ? 4 : 16;
    for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::uint8_t>(up_to(255));
    return IpAddress(family, bytes);
  }
  std::uint16_t port() { return static_cast<std::uint16_t>(up_to(65'535)); }
  ServiceKey service() {
    const Family of = family();
    if (up_to(4) == 0) return {IpAddress(of, {}), Protocol::kTcp, 0, 1 + up_to(0xfffffffe)};
    constexpr std::array kProtocols{Protocol::kTcp, Protocol::kUdp, Protocol::kSctp};
    return {address(of), kProtocols[up_to(2)], port(), 0};
  }
  ServiceConfig service_config(Family of) {
    ServiceConfig config;
    if (up_to(5) != 0) config.scheduler = scheduler_names()[up_to(12)];
    config.flags = up_to(0xffffffff) & ~(kFlagHashed | kFlagOwned | kFlagPersistent);
    if (up_to(1) == 0) return config;
    config.flags |= kFlagPersistent;
    config.persistence_seconds = 1 + up_to(86'400);
    config.persistence_prefix = 1 + static_cast<int>(up_to(of == Family::kV4 ? 31 : 127));
    return config;
  }
  DestinationConfig destination_config() {
    constexpr std::array kMethods{ForwardingMethod::kDirectRouting, ForwardingMethod::kTunnel,
                                  ForwardingMethod::kMasquerade};
    return {kMethods[up_to(2)], up_to(0x7fffffff), up_to(0xffffffff), up_to(0xffffffff)};
  }

 private:
  std::mt19937 random_;
};

TEST(IpvsCodec, AnyServiceSurvives) {
  for (unsigned seed = 0; seed < 2'000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Values values(seed);
    const auto key = values.service();
    const auto config = values.service_config(key.family());
    Batch batch;
    ASSERT_TRUE(encode_ipvs(NewService{key, config}, kFamily, batch));
    const auto service = decode_service(payload_of(batch));
    ASSERT_TRUE(service) << service.error().message;
    ASSERT_TRUE(*service);
    EXPECT_EQ((*service)->key, key);
    EXPECT_EQ((*service)->config, config);
    EXPECT_TRUE((*service)->owned);
  }
}

TEST(IpvsCodec, AnyDestinationSurvives) {
  for (unsigned seed = 0; seed < 2'000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Values values(seed);
    const auto service = values.service();
    const DestinationKey key{values.address(values.family()), values.port()};
    const auto config = values.destination_config();
    Batch batch;
    ASSERT_TRUE(encode_ipvs(SetDestination{service, key, config}, kFamily, batch));
    const auto destination = decode_destination(payload_of(batch), service.family());
    ASSERT_TRUE(destination) << destination.error().message;
    EXPECT_EQ(destination->key, key);
    EXPECT_EQ(destination->config, config);
  }
}

// Whatever is cut off or flipped: a value or an error, never a crash (run under sanitizers too).
TEST(IpvsCodec, DamagedBytesAreRefusedOrRead) {
  Values values(1);
  Batch batch;
  encode_ipvs(NewDestination{values.service(), {values.address(Family::kV6), 80}, {}}, kFamily,
              batch);
  const Bytes whole = payload_of(batch);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    (void)decode_destination(whole.first(size), Family::kV6);
    (void)decode_service(whole.first(size));
    std::vector<std::uint8_t> flipped(whole.begin(), whole.end());
    flipped[size] ^= static_cast<std::uint8_t>(1 + values.up_to(254));
    (void)decode_destination(flipped, Family::kV6);
    (void)decode_service(flipped);
  }
  EXPECT_EQ(decode_service({}).error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(decode_destination({}, Family::kV4).error().code, ErrorCode::kCorrupt);
}

TEST(IpvsCodec, RequestsAreSmall) {
  const ServiceKey v4{IpAddress::parse("192.0.2.1").value(), Protocol::kTcp, 80, 0};
  const DestinationKey rip{IpAddress::parse("192.0.2.7").value(), 80};
  const auto size = [](const Operation& operation) {
    Batch batch;
    encode_ipvs(operation, kFamily, batch);
    return batch.size();
  };
  EXPECT_LE(size(NewDestination{v4, rip, {}}), 108U);
  EXPECT_LE(size(DeleteDestination{v4, rip}), 76U);
  EXPECT_LE(size(NewService{v4, {"rr", 0, 0, 0}}), 104U);
  EXPECT_LE(size(DeleteService{v4}), 56U);
}

TEST(IpvsCodec, OtherOperationsAreNotIts) {
  Batch batch;
  EXPECT_FALSE(encode_ipvs(AddAddress{}, kFamily, batch));
  EXPECT_FALSE(encode_ipvs(DeleteAddress{}, kFamily, batch));
  EXPECT_FALSE(encode_ipvs(SetArp{}, kFamily, batch));
  EXPECT_FALSE(encode_ipvs(SetIpvsSetting{}, kFamily, batch));
  EXPECT_EQ(batch.size(), 0U);
}

// A dump has the same layout as the request; the port is in host order.
TEST(IpvsCodec, SyncDaemonsKeepEverythingOnTheWayToTheKernelAndBack) {
  for (const char* group : {"224.0.0.81", "ff02::5148"}) {
    const SyncDaemon daemon{SyncRole::kBackup, "eth0.100", 255, IpAddress::parse(group).value(),
                            8848};
    Batch batch;
    ASSERT_TRUE(encode_ipvs(StartSyncDaemon{daemon}, kFamily, batch));
    EXPECT_EQ(decode_daemon(payload_of(batch)).value(), daemon);
  }
  Batch batch;
  ASSERT_TRUE(encode_ipvs(StopSyncDaemon{SyncRole::kMaster}, kFamily, batch));
  EXPECT_FALSE(decode_daemon(payload_of(batch))) << "a state alone is no daemon";
}

// What the kernel sends: 16-byte addresses, its own flag, statistics.
Batch dumped_service(std::uint16_t protocol, std::uint32_t flags, const TrafficCounters& traffic) {
  Batch batch;
  batch.open_message(kFamily, 0);
  batch.put(bytes_of(genlmsghdr{IPVS_CMD_NEW_SERVICE, 1, 0}));
  const auto nest = batch.open_nest(IPVS_CMD_ATTR_SERVICE);
  batch.number(IPVS_SVC_ATTR_AF, std::uint16_t{AF_INET});
  batch.number(IPVS_SVC_ATTR_PROTOCOL, protocol);
  batch.attribute(IPVS_SVC_ATTR_ADDR, Bytes(IpAddress::parse("192.0.2.1")->bytes()));
  batch.number(IPVS_SVC_ATTR_PORT, std::uint16_t{0x5000});
  batch.text(IPVS_SVC_ATTR_SCHED_NAME, "wlc");
  batch.attribute(IPVS_SVC_ATTR_FLAGS, bytes_of(ip_vs_flags{flags, ~0U}));
  batch.number(IPVS_SVC_ATTR_TIMEOUT, std::uint32_t{0});
  batch.number(IPVS_SVC_ATTR_NETMASK, ~std::uint32_t{0});
  put_stats(IPVS_SVC_ATTR_STATS64, traffic, batch);
  batch.close_nest(nest);
  batch.close_message();
  return batch;
}

TEST(IpvsCodec, ReadsWideCountersAndHidesTheKernelsOwnFlag) {
  const TrafficCounters traffic{1, 1ULL << 40, 3, 1ULL << 50, 5};
  const auto batch = dumped_service(6, kFlagHashed | kFlagOnePacket, traffic);
  const auto service = decode_service(payload_of(batch)).value().value();
  EXPECT_EQ(service.traffic, traffic);
  EXPECT_EQ(service.config, (ServiceConfig{"wlc", kFlagOnePacket, 0, 0}));
  EXPECT_EQ(to_string(service.key), "TCP 192.0.2.1:80");
  EXPECT_FALSE(service.owned);
}

TEST(IpvsCodec, PartOfTheMarkIsNotTheMark) {
  const auto batch = dumped_service(6, kFlagOwned & (kFlagOwned - 1), {});
  EXPECT_FALSE(decode_service(payload_of(batch)).value().value().owned);
}

TEST(IpvsCodec, LeavesOutServicesOfUnknownProtocols) {
  EXPECT_FALSE(decode_service(payload_of(dumped_service(47, 0, {}))).value());
}

TEST(IpvsCodec, RefusesUnknownForwardingMethods) {
  Batch batch;
  batch.open_message(kFamily, 0);
  batch.put(bytes_of(genlmsghdr{IPVS_CMD_NEW_DEST, 1, 0}));
  const auto nest = batch.open_nest(IPVS_CMD_ATTR_DEST);
  batch.attribute(IPVS_DEST_ATTR_ADDR, Bytes(IpAddress::parse("192.0.2.7")->bytes()));
  batch.number(IPVS_DEST_ATTR_PORT, std::uint16_t{0});
  batch.number(IPVS_DEST_ATTR_FWD_METHOD, std::uint32_t{IP_VS_CONN_F_BYPASS});
  batch.number(IPVS_DEST_ATTR_WEIGHT, std::uint32_t{1});
  batch.close_nest(nest);
  batch.close_message();
  const auto refused = decode_destination(payload_of(batch), Family::kV4);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace lvs::netlink
