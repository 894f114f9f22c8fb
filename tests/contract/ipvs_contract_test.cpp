// What every Kernel does with virtual services and destinations.
#include <cerrno>

#include <gmock/gmock.h>

#include "tests/contract/kernel_environment.h"

namespace lvs::testing {
namespace {

class IpvsContract : public KernelContract {};

struct Case {
  const char* vip;
  const char* server;
  Protocol protocol;
};
const std::vector<Case> kCases{
    {"192.0.2.1", "198.51.100.7", Protocol::kTcp},
    {"192.0.2.1", "198.51.100.7", Protocol::kUdp},
    {"192.0.2.1", "198.51.100.7", Protocol::kSctp},
    {"2001:db8::1", "2001:db8:1::7", Protocol::kTcp},
    {"2001:db8::1", "2001:db8:1::7", Protocol::kUdp},
    {"2001:db8::1", "2001:db8:1::7", Protocol::kSctp},
};

TEST_P(IpvsContract, ReadsBackWhatItWrote) {
  for (const auto& [vip, rip, protocol] : kCases) {
    const auto key = service_key(vip, protocol, 8443);
    const ServiceConfig config{"wrr", 0, 0, 0};
    const DestinationConfig weighted{ForwardingMethod::kDirectRouting, 3, 0, 0};
    apply({NewService{key, config}, NewDestination{key, server(rip, 8443), weighted}});
    const auto service = read_service(key);
    EXPECT_EQ(service.config, config);
    EXPECT_TRUE(service.owned);
    ASSERT_EQ(service.destinations.size(), 1U);
    EXPECT_EQ(service.destinations[0].key, server(rip, 8443));
    EXPECT_EQ(service.destinations[0].config, weighted);
    EXPECT_EQ(service.destinations[0].connections, ConnectionCounts{});
    EXPECT_EQ(service.traffic, TrafficCounters{});
  }
  expect_witness_agrees();
}

TEST_P(IpvsContract, ListsServicesByKey) {
  std::vector<ServiceKey> keys;
  for (const auto& [vip, rip, protocol] : kCases) keys.push_back(service_key(vip, protocol));
  keys.push_back(mark_key(7, Family::kV4));
  keys.push_back(mark_key(7, Family::kV6));
  for (const auto& key : keys) apply({NewService{key, {"rr", 0, 0, 0}}});
  std::sort(keys.begin(), keys.end());
  std::vector<ServiceKey> listed;
  for (const auto& service : read_services()) listed.push_back(service.key);
  EXPECT_EQ(listed, keys);
  expect_witness_agrees();
}

TEST_P(IpvsContract, KnowsEverySchedulerAndFlag) {
  std::uint16_t port = 1000;
  for (const auto name : scheduler_names()) {
    std::vector<std::uint32_t> flag_sets{0, kFlagOnePacket};
    for (const auto& flag : scheduler_flags()) {
      if (flag.scheduler == name) flag_sets.push_back(flag.bit);
    }
    if (flag_sets.size() > 2) flag_sets.push_back(kFlagSched1 | kFlagSched2 | kFlagOnePacket);
    for (const auto flags : flag_sets) {
      const auto key = service_key("192.0.2.1", Protocol::kUdp, port++);
      const ServiceConfig config{std::string(name), flags, 0, 0};
      apply({NewService{key, config}, NewDestination{key, server("198.51.100.7", key.port), {}}});
      EXPECT_EQ(read_service(key).config, config) << name << " " << flags;
    }
  }
  expect_witness_agrees();
}

TEST_P(IpvsContract, KeepsPersistence) {
  const auto v4 = service_key("192.0.2.1");
  const auto v6 = service_key("2001:db8::1");
  for (const int prefix : {1, 24, 32}) {
    const ServiceConfig config{"wlc", kFlagPersistent, 60, prefix};
    apply({NewService{v4, config}});
    EXPECT_EQ(read_service(v4).config, config);
    expect_witness_agrees();
    apply({DeleteService{v4}});
  }
  for (const int prefix : {1, 64, 128}) {
    const ServiceConfig config{"wlc", kFlagPersistent, 86'400, prefix};
    apply({NewService{v6, config}});
    EXPECT_EQ(read_service(v6).config, config);
    expect_witness_agrees();
    apply({DeleteService{v6}});
  }
}

TEST_P(IpvsContract, TakesPersistenceOffAgain) {
  const auto key = service_key("192.0.2.1");
  apply({NewService{key, {"wlc", kFlagPersistent, 60, 24}}});
  apply({SetService{key, {"wlc", 0, 0, 0}}});
  EXPECT_EQ(read_service(key).config, (ServiceConfig{"wlc", 0, 0, 0}));
}

TEST_P(IpvsContract, ChangesSchedulerAndFlagsInPlace) {
  const auto key = service_key("2001:db8::1");
  apply({NewService{key, {"mh", kFlagSched1 | kFlagSched2, 0, 0}},
         NewDestination{key, server("2001:db8:1::7"), {}}});
  apply({SetService{key, {"sh", kFlagSched2, 0, 0}}});
  const auto service = read_service(key);
  EXPECT_EQ(service.config, (ServiceConfig{"sh", kFlagSched2, 0, 0}));
  EXPECT_TRUE(service.owned);
  EXPECT_EQ(service.destinations.size(), 1U);
  expect_witness_agrees();
}

// Whether clients notice is for the lab; here: it is done, and nothing else is left of it.
TEST_P(IpvsContract, ReplacesSchedulersAndLeavesNothing) {
  std::vector<Operation> make;
  std::vector<Operation> replace;
  for (std::uint16_t port = 80; port < 90; ++port) {
    for (const char* vip : {"192.0.2.1", "2001:db8::1"}) {
      const auto key = service_key(vip, port % 2 == 0 ? Protocol::kTcp : Protocol::kUdp, port);
      make.push_back(NewService{key, {"rr", 0, 0, 0}});
      replace.push_back(SetService{key, {"wlc", 0, 0, 0}, true});
    }
  }
  replace.push_back(DeleteService{service_key("192.0.2.9")});
  apply(make);
  const auto report = kernel().apply(replace);
  EXPECT_FALSE(report.clients_refused) << report.clients_refused->message;
  ASSERT_EQ(report.failures.size(), 1U);
  EXPECT_EQ(report.failures[0].index, replace.size() - 1);
  for (const auto& service : read_services()) EXPECT_EQ(service.config.scheduler, "wlc");
  EXPECT_EQ(environment().ruleset(), "");
  expect_witness_agrees();
}

TEST_P(IpvsContract, BindsLate) {
  const auto key = service_key("192.0.2.1");
  apply({NewService{key, {"", 0, 0, 0}}, NewDestination{key, server("198.51.100.7"), {}}});
  EXPECT_EQ(read_service(key).config.scheduler, "");
  expect_witness_agrees();
  apply({SetService{key, {"mh", 0, 0, 0}}});
  EXPECT_EQ(read_service(key).config.scheduler, "mh");
  EXPECT_EQ(read_service(key).destinations.size(), 1U);
}

TEST_P(IpvsContract, KeepsEveryWeightMethodAndThreshold) {
  const auto key = service_key("192.0.2.1");
  apply({NewService{key, {"wrr", 0, 0, 0}}});
  std::uint16_t port = 1;
  for (const std::uint32_t weight : {0U, 1U, 100U, 65'535U}) {
    for (const auto method : {ForwardingMethod::kDirectRouting, ForwardingMethod::kTunnel,
                              ForwardingMethod::kMasquerade}) {
      const DestinationConfig config{method, weight, weight + 10, weight};
      const auto rip = server("198.51.100.7", port++);
      apply({NewDestination{key, rip, {}}, SetDestination{key, rip, config}});
      EXPECT_EQ(read_service(key).destinations.back().config, config);
    }
  }
  expect_witness_agrees();
}

TEST_P(IpvsContract, TunnelsToTheOtherFamilyOnly) {
  const auto key = service_key("2001:db8::1");
  const DestinationConfig tunnel{ForwardingMethod::kTunnel, 1, 0, 0};
  apply({NewService{key, {"rr", 0, 0, 0}}, NewDestination{key, server("198.51.100.7"), tunnel}});
  EXPECT_EQ(read_service(key).destinations.at(0).key, server("198.51.100.7"));
  apply({DeleteDestination{key, server("198.51.100.7")}});
  refuse(NewDestination{key, server("198.51.100.7"), {}}, EINVAL);
}

TEST_P(IpvsContract, SortsDestinations) {
  const auto key = service_key("192.0.2.1");
  apply({NewService{key, {"rr", 0, 0, 0}}, NewDestination{key, server("198.51.100.9"), {}},
         NewDestination{key, server("198.51.100.7", 81), {}},
         NewDestination{key, server("198.51.100.7", 80), {}}});
  std::vector<DestinationKey> keys;
  for (const auto& destination : read_service(key).destinations) keys.push_back(destination.key);
  EXPECT_THAT(keys, ::testing::ElementsAre(server("198.51.100.7", 80), server("198.51.100.7", 81),
                                           server("198.51.100.9")));
}

TEST_P(IpvsContract, DeletesWhatItIsTold) {
  const auto kept = service_key("192.0.2.1");
  const auto gone = mark_key(9, Family::kV6);
  apply({NewService{kept, {"rr", 0, 0, 0}}, NewDestination{kept, server("198.51.100.7"), {}},
         NewDestination{kept, server("198.51.100.8"), {}}, NewService{gone, {"rr", 0, 0, 0}}});
  apply({DeleteDestination{kept, server("198.51.100.7")}, DeleteService{gone}});
  EXPECT_EQ(read_services().size(), 1U);
  ASSERT_EQ(read_service(kept).destinations.size(), 1U);
  EXPECT_EQ(read_service(kept).destinations[0].key, server("198.51.100.8"));
}

TEST_P(IpvsContract, SaysWhatIsThereAlready) {
  const auto key = service_key("192.0.2.1");
  apply({NewService{key, {"rr", 0, 0, 0}}, NewDestination{key, server("198.51.100.7"), {}}});
  EXPECT_EQ(refuse(NewService{key, {"rr", 0, 0, 0}}, EEXIST).code, ErrorCode::kAlreadyExists);
  refuse(NewDestination{key, server("198.51.100.7"), {}}, EEXIST);
}

TEST_P(IpvsContract, SaysWhatIsNotThere) {
  const auto key = service_key("192.0.2.1");
  EXPECT_EQ(refuse(SetService{key, {"rr", 0, 0, 0}}, ESRCH).code, ErrorCode::kNotFound);
  refuse(DeleteService{key}, ESRCH);
  refuse(NewDestination{key, server("198.51.100.7"), {}}, ESRCH);
  EXPECT_TRUE(kernel().dump_destinations(key).value().empty());
  apply({NewService{key, {"rr", 0, 0, 0}}});
  EXPECT_EQ(refuse(SetDestination{key, server("198.51.100.7"), {}}, ENOENT).code,
            ErrorCode::kNotFound);
  refuse(DeleteDestination{key, server("198.51.100.7")}, ENOENT);
}

TEST_P(IpvsContract, SaysWhatCannotBe) {
  const auto key = service_key("192.0.2.1");
  const auto v6 = service_key("2001:db8::1");
  apply({NewService{key, {"rr", 0, 0, 0}}, NewService{v6, {"rr", 0, 0, 0}}});
  refuse(NewDestination{key, server("2001:db8:1::7"), {}}, EINVAL);
  refuse(NewDestination{key, server("224.0.0.1"), {}}, EINVAL);
  refuse(NewDestination{key, server("255.255.255.255"), {}}, EINVAL);
  refuse(NewDestination{key, server("0.0.0.0"), {}}, EINVAL);
  refuse(NewDestination{v6, server("fe80::1"), {}}, EINVAL);
  refuse(NewDestination{v6, server("ff02::1"), {}}, EINVAL);
  const DestinationConfig crossed{ForwardingMethod::kDirectRouting, 1, 5, 6};
  EXPECT_EQ(refuse(NewDestination{key, server("198.51.100.7"), crossed}, ERANGE).code,
            ErrorCode::kInvalidArgument);
}

TEST_P(IpvsContract, NamesTheMissingScheduler) {
  const auto key = service_key("192.0.2.1");
  const auto error = refuse(NewService{key, {"nosuch", 0, 0, 0}}, ENOENT);
  EXPECT_EQ(error.code, ErrorCode::kUnsupported);
  EXPECT_THAT(error.message, ::testing::HasSubstr("ip_vs_nosuch"));
  EXPECT_TRUE(read_services().empty());
  apply({NewService{key, {"", 0, 0, 0}}});
  refuse(SetService{key, {"nosuch", 0, 0, 0}}, ENOENT);
}

TEST_P(IpvsContract, TellsForeignServicesFromItsOwn) {
  const auto foreign = service_key("192.0.2.9");
  const auto own = service_key("192.0.2.1");
  environment().put_foreign_service(foreign, "wlc");
  apply({NewService{own, {"rr", 0, 0, 0}}});
  EXPECT_FALSE(read_service(foreign).owned);
  EXPECT_EQ(read_service(foreign).config, (ServiceConfig{"wlc", 0, 0, 0}));
  EXPECT_TRUE(read_service(own).owned);
  expect_witness_agrees();
}

// For the administrator who changed our service with `ipvsadm -E`, which wipes the mark.
TEST_P(IpvsContract, TakesAServiceOverBySettingIt) {
  const auto key = service_key("192.0.2.9");
  environment().put_foreign_service(key, "wlc");
  apply({SetService{key, {"rr", 0, 0, 0}}});
  EXPECT_TRUE(read_service(key).owned);
}

INSTANTIATE_TEST_SUITE_P(Kernel, IpvsContract, ::testing::ValuesIn(environment_kinds()),
                         environment_name);

}  // namespace
}  // namespace lvs::testing
