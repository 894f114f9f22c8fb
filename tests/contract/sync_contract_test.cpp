// What every Kernel does with sync daemons and the settings of IPVS.
#include <cerrno>

#include <gmock/gmock.h>

#include "tests/contract/kernel_environment.h"
#include "tests/contract/real_environment.h"

namespace lvs::testing {
namespace {

using ::testing::HasSubstr;

class SyncContract : public KernelContract {
 protected:
  // The first service brings ip_vs.
  void SetUp() override {
    environment().put_foreign_address(ip("192.0.2.10"), 24, kUplink);
    apply({NewService{service_key("192.0.2.1"), {"rr", 0, 0, 0}}});
  }
  void TearDown() override {
    for (const SyncDaemon& daemon : read_sync().daemons) apply({StopSyncDaemon{daemon.role}});
  }
  [[nodiscard]] ObservedSync read_sync() {
    auto sync = kernel().dump_sync();
    if (!sync) ADD_FAILURE() << sync.error().message;
    return sync.value_or(ObservedSync{});
  }
};

const SyncDaemon kMaster{SyncRole::kMaster, kUplink, 76, ip("224.0.0.81"), 8848};
const SyncDaemon kBackup{SyncRole::kBackup, kUplink, 76, ip("224.0.0.81"), 8848};

TEST_P(SyncContract, RunsMasterAndBackupBesideEachOther) {
  EXPECT_TRUE(read_sync().daemons.empty());
  apply({StartSyncDaemon{kMaster}, StartSyncDaemon{kBackup}});
  EXPECT_EQ(read_sync().daemons, (std::vector{kMaster, kBackup}));
  apply({StopSyncDaemon{SyncRole::kMaster}});
  EXPECT_EQ(read_sync().daemons, std::vector{kBackup});
}

TEST_P(SyncContract, KeepsEverySettingOfADaemon) {
  const SyncDaemon other{SyncRole::kMaster, kUplink, 200, ip("239.1.2.3"), 9000};
  apply({StartSyncDaemon{other}});
  EXPECT_EQ(read_sync().daemons, std::vector{other});
}

TEST_P(SyncContract, TalksByIpv6Too) {
  const SyncDaemon v6{SyncRole::kBackup, kUplink, 1, ip("ff02::5148"), 8848};
  apply({StartSyncDaemon{v6}});
  EXPECT_EQ(read_sync().daemons, std::vector{v6});
}

TEST_P(SyncContract, RefusesWhatIsThereAlreadyOrNot) {
  refuse(StopSyncDaemon{SyncRole::kMaster}, ESRCH);
  apply({StartSyncDaemon{kMaster}});
  EXPECT_EQ(refuse(StartSyncDaemon{kMaster}, EEXIST).code, ErrorCode::kAlreadyExists);
  SyncDaemon nowhere = kBackup;
  nowhere.interface = "nosuch0";
  EXPECT_THAT(refuse(StartSyncDaemon{nowhere}, ENODEV).message, HasSubstr("no interface nosuch0"));
}

// The kernel tells of connections by one family only.
TEST_P(SyncContract, RunsNoDaemonBesideTunnelsToTheOtherFamily) {
  const auto key = service_key("192.0.2.1");
  const DestinationConfig tunnel{ForwardingMethod::kTunnel, 1, 0, 0};
  apply({StartSyncDaemon{kMaster}});
  refuse(NewDestination{key, server("2001:db8::7"), tunnel}, EINVAL);
  apply({StopSyncDaemon{SyncRole::kMaster}, NewDestination{key, server("2001:db8::7"), tunnel}});
  EXPECT_THAT(refuse(StartSyncDaemon{kMaster}, EINVAL).message, HasSubstr("address family"));
}

TEST_P(SyncContract, SetsAndReadsTheSettings) {
  EXPECT_EQ(read_sync().settings.at(kSyncThreshold), "3 50");
  for (const char* name : {kSyncRefreshPeriod, kSyncRetries, kBackupOnly, kSloppyTcp,
                           kExpireNodestConn, kExpireQuiescentTemplate}) {
    EXPECT_EQ(read_sync().settings.at(name), "0") << name;
  }
  const IpvsSettings wanted{{kSyncThreshold, "1 0"},  {kSyncRefreshPeriod, "10"},
                            {kSyncRetries, "1"},      {kSyncPorts, "4"},
                            {kBackupOnly, "1"},       {kSloppyTcp, "1"},
                            {kExpireNodestConn, "1"}, {kExpireQuiescentTemplate, "1"}};
  for (const auto& [name, value] : wanted) apply({SetIpvsSetting{name, value}});
  EXPECT_EQ(read_sync().settings, wanted);
  refuse(SetIpvsSetting{"conntrack", "1"}, EINVAL);
}

INSTANTIATE_TEST_SUITE_P(Kernel, SyncContract, ::testing::ValuesIn(environment_kinds()),
                         environment_name);

// ipvsadm is the witness.
class RealSync : public KernelContract {};

TEST_P(RealSync, ShowsItselfToIpvsadm) {
  run("ip addr add 192.0.2.10/24 dev uplink0");
  apply({SetIpvsSetting{kSyncPorts, "4"}, StartSyncDaemon{kMaster}, StartSyncDaemon{kBackup}});
  const std::string seen = run("ipvsadm -Ln --daemon");
  EXPECT_THAT(seen, HasSubstr("master sync daemon (mcast=uplink0, syncid=76"));
  EXPECT_THAT(seen, HasSubstr("backup sync daemon (mcast=uplink0, syncid=76"));
  EXPECT_THAT(seen, HasSubstr("group=224.0.0.81, port=8848"));
  EXPECT_THAT(run("ss -Hlun"), HasSubstr(":8851"));
  apply({StopSyncDaemon{SyncRole::kMaster}, StopSyncDaemon{SyncRole::kBackup}});
  EXPECT_EQ(run("ipvsadm -Ln --daemon").find("sync daemon"), std::string::npos);
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RealSync);
INSTANTIATE_TEST_SUITE_P(Kernel, RealSync, ::testing::ValuesIn(only_real_kinds()),
                         environment_name);

}  // namespace
}  // namespace lvs::testing
