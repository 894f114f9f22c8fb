// Mirror, work queue, deletion guard, problems, ARP store and the command line.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "agent/arp_store.h"
#include "agent/config.h"
#include "agent/deletion_guard.h"
#include "agent/mirror.h"
#include "agent/problems.h"
#include "agent/sync_store.h"
#include "agent/work_queue.h"

namespace lvs {
namespace {

IpAddress ip(const std::string& text) { return IpAddress::parse(text).value(); }
ServiceKey key(std::uint16_t port, const std::string& address = "192.0.2.1") {
  return ServiceKey{ip(address), Protocol::kTcp, port, 0};
}
DestinationKey dest(const std::string& address) { return {ip(address), 80}; }
ObservedService service(std::uint16_t port, const std::string& scheduler = "rr") {
  return {key(port), {scheduler, 0, 0, 0}, true, {}, {}};
}

TEST(Mirror, FollowsOperations) {
  Mirror mirror;
  mirror.apply(NewService{key(80), {"", 0, 0, 0}});
  mirror.apply(NewDestination{key(80), dest("192.0.2.8"), {}});
  mirror.apply(NewDestination{key(80), dest("192.0.2.7"), {}});
  mirror.apply(SetDestination{key(80), dest("192.0.2.7"), {ForwardingMethod::kTunnel, 5, 0, 0}});
  mirror.apply(SetService{key(80), {"wrr", 0, 0, 0}});
  const Mirror::Entry* entry = mirror.find(key(80));
  ASSERT_NE(entry, nullptr);
  EXPECT_TRUE(entry->destinations_known);
  EXPECT_EQ(entry->service.config.scheduler, "wrr");
  ASSERT_EQ(entry->service.destinations.size(), 2U);
  EXPECT_EQ(entry->service.destinations[0].key, dest("192.0.2.7"));
  EXPECT_EQ(entry->service.destinations[0].config.weight, 5U);
  mirror.apply(DeleteDestination{key(80), dest("192.0.2.7")});
  EXPECT_EQ(mirror.destination_count(), 1U);
  mirror.apply(DeleteService{key(80)});
  EXPECT_EQ(mirror.find(key(80)), nullptr);
}

TEST(Mirror, IgnoresOperationsOnWhatItDoesNotKnow) {
  Mirror mirror;
  mirror.apply(SetService{key(80), {}});
  mirror.apply(NewDestination{key(80), dest("192.0.2.7"), {}});
  mirror.apply(SetDestination{key(80), dest("192.0.2.7"), {}});
  mirror.apply(DeleteDestination{key(80), dest("192.0.2.7")});
  mirror.apply(SetArp{"eth0", 1, 2});
  EXPECT_EQ(mirror.find(key(80)), nullptr);
}

TEST(Mirror, NamesWhatDiffersFromAFreshList) {
  Mirror mirror;
  EXPECT_EQ(mirror.replace_services({service(80), service(81), service(82)}),
            (std::set<ServiceKey>{key(80), key(81), key(82)}));
  mirror.replace_destinations(key(80), {{dest("192.0.2.7"), {}, {}, {}}});
  EXPECT_EQ(mirror.replace_services({service(80), service(81, "wrr"), service(83)}),
            (std::set<ServiceKey>{key(81), key(82), key(83)}));
  EXPECT_TRUE(mirror.find(key(80))->destinations_known);
  mirror.doubt(key(80));
  EXPECT_FALSE(mirror.find(key(80))->destinations_known);
  EXPECT_TRUE(mirror.has_service_of(ip("192.0.2.1")));
  EXPECT_FALSE(mirror.has_service_of(ip("192.0.2.2")));
}

TEST(Mirror, AServiceWithoutItsSchedulerServesNobody) {
  Mirror mirror;
  mirror.apply(NewService{key(80), {}});
  EXPECT_FALSE(mirror.has_service_of(ip("192.0.2.1")));
  mirror.apply(SetService{key(80), {"mh", 0, 0, 0}});
  EXPECT_TRUE(mirror.has_service_of(ip("192.0.2.1")));
}

TEST(WorkQueue, UrgentAndRoutineAreApart) {
  WorkQueue queue;
  queue.push_routine(key(80), Look{true, false});
  queue.push_routine(key(80), Look{false, true});
  queue.push_urgent(key(81), Look{true, false});
  EXPECT_TRUE(queue.has_urgent());
  EXPECT_EQ(queue.take(true)->key, key(81));
  EXPECT_FALSE(queue.take(true));
  const auto routine = queue.take(false);
  EXPECT_TRUE(routine->look.changed && routine->look.reread);
  EXPECT_TRUE(queue.empty());
}

TEST(WorkQueue, ALookAnewDropsTheRemainder) {
  WorkQueue queue;
  queue.put_remainder(false, Remainder{key(80), {DeleteService{key(80)}}, 0, false, 0});
  EXPECT_TRUE(queue.changes(ip("192.0.2.1")));
  EXPECT_TRUE(queue.has_changes());
  queue.mark_remainder_failed(key(80));
  queue.push_urgent(key(80), Look{true, false});
  EXPECT_FALSE(queue.take_remainder(false));
  EXPECT_TRUE(queue.changes(ip("192.0.2.1")));
  EXPECT_FALSE(queue.changes(ip("192.0.2.2")));
}

TEST(WorkQueue, AMereLookIsNoChange) {
  WorkQueue queue;
  queue.push_routine(key(80), Look{false, true});
  EXPECT_FALSE(queue.has_changes());
  EXPECT_FALSE(queue.changes(ip("192.0.2.1")));
  EXPECT_FALSE(queue.empty());
}

std::vector<ServiceKey> keys(int count) {
  std::vector<ServiceKey> made;
  for (int i = 0; i < count; ++i) made.push_back(key(static_cast<std::uint16_t>(80 + i)));
  return made;
}

NodePlan plan_of(const std::vector<ServiceKey>& services) {
  NodePlan plan;
  PlannedService service;
  service.header.virtual_service = {"shop", "web"};
  for (const ServiceKey& each : services) {
    plan.services[each] = std::make_shared<const PlannedService>(service);
  }
  return plan;
}

struct GuardCase {
  std::string name;
  int ours;
  int kept;
  std::size_t held;
};

TEST(DeletionGuard, HoldsMoreThanHalfAndAtLeastTen) {
  const std::vector<GuardCase> cases{{"nine of nine", 9, 0, 0},
                                     {"ten of ten", 10, 0, 10},
                                     {"ten of twenty", 20, 10, 0},
                                     {"eleven of twenty", 20, 9, 11},
                                     {"nothing", 20, 20, 0}};
  for (const GuardCase& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(deletions_to_hold(keys(c.ours), plan_of(keys(c.kept)), {}, {}).size(), c.held);
  }
}

TEST(DeletionGuard, WhatIsConfirmedGoes) {
  NodePlan plan = plan_of({});
  plan.accept_mass_deletion = true;
  EXPECT_TRUE(deletions_to_hold(keys(20), plan, {}, {}).empty());
  plan.accept_mass_deletion = false;
  plan.withdrawn = {{"shop", "web"}};
  ServiceOwners owners;
  for (const ServiceKey& each : keys(20)) owners[each] = {"shop", "web"};
  EXPECT_TRUE(deletions_to_hold(keys(20), plan, owners, {}).empty());
  for (const ServiceKey& each : keys(15)) owners[each] = {"shop", "other"};
  EXPECT_EQ(deletions_to_hold(keys(20), plan, owners, {}).size(), 15U);
}

TEST(DeletionGuard, PortsTakenOutOfAVirtualServiceAreMeant) {
  const NodePlan plan = plan_of(keys(1));
  ServiceOwners owners;
  for (const ServiceKey& each : keys(20)) {
    owners[each] = {"shop", "web"};
  }
  EXPECT_TRUE(deletions_to_hold(keys(20), plan, owners, {}).empty());
}

TEST(DeletionGuard, WhatIsHeldStaysHeldThoughTheTableGrows) {
  const std::set<ServiceKey> held{key(80), key(81)};
  std::vector<ServiceKey> kept = keys(100);
  kept.erase(kept.begin(), kept.begin() + 2);
  EXPECT_EQ(deletions_to_hold(keys(100), plan_of(kept), {}, held), held);
  EXPECT_TRUE(deletions_to_hold(keys(100), plan_of(keys(100)), {}, held).empty());
}

TEST(Problems, OneForEachObjectSorted) {
  Problems problems;
  problems.set({"b", "Reason", "1"});
  problems.set({"b", "Reason", "2"});
  problems.replace_part("network", {{"a", "Other", "3"}});
  ASSERT_EQ(problems.all().size(), 2U);
  EXPECT_EQ(problems.all()[0].object, "a");
  EXPECT_EQ(problems.all()[1].message, "2");
  problems.replace_part("network", {});
  problems.clear("b");
  EXPECT_TRUE(problems.all().empty());
}

TEST(ArpStore, GivesBackWhatWasStored) {
  std::string folder = (std::filesystem::temp_directory_path() / "lvs-arp-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const ArpStore store(folder);
  EXPECT_TRUE(store.load().value().empty());
  const SavedArpValues saved{{"eth0", {0, 1}}, {"eth1.100", {8, 2}}};
  ASSERT_TRUE(store.store(saved));
  EXPECT_EQ(store.load().value(), saved);
  std::ofstream(folder + "/arp-before", std::ios::app) << "eth9 0 0\n";
  EXPECT_EQ(store.load().error().code, ErrorCode::kCorrupt);
  ASSERT_TRUE(store.store({}));
  EXPECT_TRUE(store.load().value().empty());
  std::filesystem::remove_all(folder);
}

TEST(SyncStore, KeepsWhatWasBeforeAndRefusesWhatItDidNotWrite) {
  const std::string folder = ::testing::TempDir() + "lvs-sync-store";
  std::filesystem::create_directories(folder);
  const SyncStore store(folder);
  EXPECT_EQ(store.load().value(), StoredSync{});
  const StoredSync stored{{{{kSyncThreshold, {"3 50", "1 0"}}, {kSloppyTcp, {"0", "1"}}},
                           {{SyncRole::kMaster, "eth0", 76, ip("224.0.0.81"), 8848},
                            {SyncRole::kBackup, "eth0.5", 1, ip("ff02::5148"), 9000}}},
                          TimePoint{Duration{123'456}}};
  ASSERT_TRUE(store.store(stored));
  EXPECT_EQ(store.load().value(), stored);
  std::ofstream(folder + "/sync-before", std::ios::app) << "since 0\n";
  EXPECT_EQ(store.load().error().code, ErrorCode::kCorrupt);
  ASSERT_TRUE(store.store({}));
  EXPECT_EQ(store.load().value(), StoredSync{});
  std::filesystem::remove_all(folder);
}

int exit_code(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "lvs-agent");
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const auto parsed = parse_command_line(static_cast<int>(arguments.size()), arguments.data());
  testing::internal::GetCapturedStdout();
  testing::internal::GetCapturedStderr();
  const auto* exit_now = std::get_if<ExitNow>(&parsed);
  return exit_now == nullptr ? -1 : exit_now->code;
}

TEST(CommandLine, WhatIsMissingOrWrongEndsWithAnError) {
  EXPECT_EQ(exit_code({"--help"}), 0);
  EXPECT_EQ(exit_code({"--version"}), 0);
  EXPECT_EQ(exit_code({"--cleanup"}), -1);
  EXPECT_GT(exit_code({}), 0);
  EXPECT_GT(exit_code({"--node", "a", "--listen", ":1"}), 0);
  const std::vector<const char*> whole{"--node", "a",         "--listen", ":1",       "--tls-cert",
                                       "c",      "--tls-key", "k",        "--tls-ca", "ca"};
  EXPECT_EQ(exit_code(whole), -1);
  for (const auto& [option, value] :
       std::vector<std::pair<const char*, const char*>>{{"--reconcile-interval", "10ms"},
                                                        {"--reconcile-interval", "soon"},
                                                        {"--log-level", "loud"},
                                                        {"--log-format", "xml"},
                                                        {"--listen", "nowhere"},
                                                        {"--sync", "maybe"},
                                                        {"--sync-id", "0"},
                                                        {"--sync-id", "256"},
                                                        {"--sync-group", "192.0.2.1"},
                                                        {"--sync-ports", "3"},
                                                        {"--sync-port", "65533"},
                                                        {"--health-listen", "9443"}}) {
    std::vector<const char*> arguments = whole;
    arguments.push_back(option);
    arguments.push_back(value);
    EXPECT_GT(exit_code(arguments), 0) << option << " " << value;
  }
}

}  // namespace
}  // namespace lvs
