#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/diff.h"
#include "core/format.h"
#include "core/realise.h"
#include "tests/unit/core/agent/builders.h"

namespace lvs {
namespace {

using test::ip;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const SyncDaemon kTells{SyncRole::kMaster, "eth0", 76, ip("224.0.0.81"), 8848};
const SyncDaemon kListens{SyncRole::kBackup, "eth0", 76, ip("224.0.0.81"), 8848};

ObservedNetwork on_eth0() {
  ObservedNetwork network;
  network.links = {{"lo", 1, true, true, true, false, {}},
                   {"eth0", 2, true, true, false, false, {}}};
  network.addresses = {{ip("192.0.2.10"), 24, "eth0", false, 0, false}};
  return network;
}

ObservedSync untouched() {
  return {{},
          {{kSyncThreshold, "3 50"},
           {kSyncRefreshPeriod, "0"},
           {kSyncRetries, "0"},
           {kSyncPorts, "1"},
           {kBackupOnly, "0"},
           {kSloppyTcp, "0"},
           {kExpireNodestConn, "0"},
           {kExpireQuiescentTemplate, "0"}}};
}

NodePlan one_of(const std::vector<std::string>& candidates, const std::string& scheduler = "wrr",
                const std::string& real_server = "192.0.2.21") {
  NodePlan plan;
  plan.node = "a";
  plan.vips[ip("192.0.2.1")] = {"", candidates};
  PlannedService service;
  service.header.config.scheduler = scheduler;
  service.destinations = {{{ip(real_server), 80}, {}}};
  plan.services[test::kWeb] = std::make_shared<PlannedService>(service);
  return plan;
}

RealisedSync realised(const NodePlan& plan, const SyncOptions& options = {},
                      const ObservedSync& observed = untouched(),
                      const std::vector<SyncDaemon>& started = {}) {
  return realise_sync(plan, options, on_eth0(), observed, started);
}

std::string only_problem(const RealisedSync& wanted) {
  EXPECT_EQ(wanted.problems.size(), 1U);
  return wanted.problems.empty() ? ""
                                 : wanted.problems[0].reason + " " + wanted.problems[0].message;
}

// What a pass would do, and the state after it.
std::string pass(const DesiredSync& desired, ObservedSync& observed, SavedSync& saved) {
  const SyncChange change = diff_sync(desired, observed, saved);
  saved = change.saved;
  for (const Operation& operation : change.operations) {
    if (const auto* set = std::get_if<SetIpvsSetting>(&operation)) {
      observed.settings[set->name] = set->value;
    } else if (const auto* start = std::get_if<StartSyncDaemon>(&operation)) {
      observed.daemons.push_back(start->daemon);
    } else if (const auto* stop = std::get_if<StopSyncDaemon>(&operation)) {
      std::erase_if(observed.daemons, [&](const auto& d) { return d.role == stop->role; });
    }
  }
  return format(change.operations);
}

TEST(RealiseSync, BothDaemonsWhereSomebodyElseCouldTakeTheVip) {
  const RealisedSync wanted = realised(one_of({"a", "b"}));
  EXPECT_THAT(wanted.problems, IsEmpty());
  EXPECT_EQ(wanted.desired.daemons, (std::vector{kTells, kListens}));
  EXPECT_EQ(wanted.desired.settings.at(kSyncThreshold), "1 0");
  EXPECT_FALSE(wanted.desired.settings.contains(kSloppyTcp));
  EXPECT_THAT(realised(one_of({"a"})).desired.daemons, IsEmpty());
  EXPECT_THAT(realised(one_of({"b", "c"})).desired.daemons, IsEmpty());
}

// With a backup daemon, backup_only=1 would switch balancing off on the holder, too.
TEST(RealiseSync, BackupOnlyNeverStaysOnBesideOurDaemons) {
  ObservedSync observed = untouched();
  observed.settings[kBackupOnly] = "1";
  SavedSync saved;
  const std::string done = pass(realised(one_of({"a", "b"})).desired, observed, saved);
  EXPECT_THAT(done, HasSubstr("net.ipv4.vs.backup_only=\"0\""));
}

TEST(RealiseSync, SloppyWhereEveryDirectorChoosesTheSameServer) {
  for (const char* scheduler : {"mh", "sh"}) {
    const RealisedSync alone = realised(one_of({"a"}, scheduler));
    EXPECT_EQ(alone.desired.settings, (IpvsSettings{{kExpireNodestConn, "1"}, {kSloppyTcp, "1"}}));
    EXPECT_TRUE(concerns_sync(test::kWeb, *one_of({"a"}, scheduler).services.at(test::kWeb)));
  }
  EXPECT_FALSE(concerns_sync(test::kWeb, *one_of({"a"}, "rr").services.at(test::kWeb)));
}

TEST(RealiseSync, OffMeansNoDaemons) {
  SyncOptions off;
  off.on = false;
  EXPECT_THAT(realised(one_of({"a", "b"}), off).desired.daemons, IsEmpty());
  EXPECT_EQ(realised(one_of({"a", "b"}), off).desired.settings,
            (IpvsSettings{{kExpireNodestConn, "1"}}));
}

// ADR 12.
TEST(RealiseSync, PersistenceHoldsNobodyOnAServerThatIsOut) {
  NodePlan plan = one_of({"a"});
  PlannedService persistent = *plan.services.at(test::kWeb);
  persistent.header.config.persistence_seconds = 60;
  EXPECT_TRUE(concerns_sync(test::kWeb, persistent));
  plan.services[test::kWeb] = std::make_shared<PlannedService>(persistent);
  EXPECT_EQ(realised(plan).desired.settings,
            (IpvsSettings{{kExpireNodestConn, "1"}, {kExpireQuiescentTemplate, "1"}}));
  plan.services.clear();
  EXPECT_EQ(realised(plan).desired, DesiredSync{});
}

TEST(RealiseSync, TunnelsToTheOtherFamilyAreExplained) {
  const RealisedSync wanted = realised(one_of({"a", "b"}, "wrr", "2001:db8::7"));
  EXPECT_THAT(wanted.desired.daemons, IsEmpty());
  EXPECT_THAT(only_problem(wanted), HasSubstr("MixedAddressFamilies TCP 192.0.2.1:80"));
}

TEST(RealiseSync, AnInterfaceThatIsNotThereIsAProblem) {
  SyncOptions options;
  options.interface = "sync0";
  EXPECT_THAT(only_problem(realised(one_of({"a", "b"}), options)),
              HasSubstr("NoSyncInterface interface sync0 of --sync-interface does not exist"));
}

TEST(RealiseSync, LeavesForeignDaemonsAlone) {
  ObservedSync observed = untouched();
  const SyncDaemon theirs{SyncRole::kMaster, "eth0", 5, ip("224.0.0.81"), 8848};
  observed.daemons = {theirs};
  const RealisedSync wanted = realised(one_of({"a", "b"}), {}, observed);
  EXPECT_EQ(wanted.desired.daemons, std::vector{kListens});
  EXPECT_THAT(only_problem(wanted), HasSubstr("ForeignSyncDaemon"));
  // Ours with settings of before is started anew.
  const RealisedSync ours = realised(one_of({"a", "b"}), {}, observed, {theirs});
  EXPECT_THAT(ours.problems, IsEmpty());
  SavedSync saved{{}, {theirs}};
  EXPECT_THAT(pass(ours.desired, observed, saved), HasSubstr("--stop-daemon master\n"));
  EXPECT_EQ(observed.daemons, (std::vector{kTells, kListens}));
}

TEST(DiffSync, SettingsBeforeDaemonsAndNothingAtTheSecondPass) {
  ObservedSync observed = untouched();
  SavedSync saved;
  const DesiredSync desired = realised(one_of({"a", "b"})).desired;
  EXPECT_EQ(pass(desired, observed, saved),
            "sysctl -w net.ipv4.vs.expire_nodest_conn=\"1\"\n"
            "sysctl -w net.ipv4.vs.sync_ports=\"4\"\n"
            "sysctl -w net.ipv4.vs.sync_refresh_period=\"10\"\n"
            "sysctl -w net.ipv4.vs.sync_retries=\"1\"\n"
            "sysctl -w net.ipv4.vs.sync_threshold=\"1 0\"\n"
            "--start-daemon master --mcast-interface eth0 --syncid 76 --mcast-group 224.0.0.81 "
            "--mcast-port 8848\n"
            "--start-daemon backup --mcast-interface eth0 --syncid 76 --mcast-group 224.0.0.81 "
            "--mcast-port 8848\n");
  EXPECT_EQ(pass(desired, observed, saved), "");
}

TEST(DiffSync, GoesBackToWhatWasBefore) {
  const ObservedSync before = untouched();
  ObservedSync observed = before;
  SavedSync saved;
  (void)pass(realised(one_of({"a", "b"}, "mh")).desired, observed, saved);
  EXPECT_EQ(observed.settings.at(kSloppyTcp), "1");
  (void)pass({}, observed, saved);
  EXPECT_EQ(observed, before);
  EXPECT_EQ(pass({}, observed, saved), "");
  EXPECT_EQ(saved, SavedSync{});
}

TEST(DiffSync, AValueThatSomebodyElseHasSetSinceStays) {
  ObservedSync observed = untouched();
  SavedSync saved;
  (void)pass(realised(one_of({"a", "b"})).desired, observed, saved);
  observed.settings[kSyncRefreshPeriod] = "30";
  (void)pass({}, observed, saved);
  EXPECT_EQ(observed.settings.at(kSyncRefreshPeriod), "30");
}

// The kernel looks at sync_ports only when the first daemon starts.
TEST(DiffSync, AnotherNumberOfThreadsNeedsAnotherStart) {
  ObservedSync observed = untouched();
  SavedSync saved;
  (void)pass(realised(one_of({"a", "b"})).desired, observed, saved);
  SyncOptions eight;
  eight.ports = 8;
  const std::string done = pass(realised(one_of({"a", "b"}), eight).desired, observed, saved);
  EXPECT_THAT(done, ::testing::StartsWith("--stop-daemon master\n--stop-daemon backup\nsysctl"));
  EXPECT_EQ(observed.daemons, (std::vector{kTells, kListens}));
  (void)pass({}, observed, saved);
  EXPECT_EQ(observed, untouched());
}

}  // namespace
}  // namespace lvs
