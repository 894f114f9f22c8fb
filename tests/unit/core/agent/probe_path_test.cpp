#include "core/probe_path.h"

#include <gtest/gtest.h>

#include "core/format.h"
#include "tests/unit/core/agent/builders.h"

namespace lvs {
namespace {

using test::ip;

ObservedNetwork director() {
  ObservedNetwork network;
  network.links = {{"lo", 1, true, true, true, false, {}},
                   {"eth0", 2, true, true, false, false, {}}};
  network.addresses = {{ip("127.0.0.1"), 8, "lo", false, 0, false},
                       {ip("192.0.2.1"), 32, "eth0", true, 10, false},
                       {ip("192.0.2.10"), 24, "eth0", false, 0, false},
                       {ip("2001:db8::10"), 64, "eth0", false, 0, false}};
  return network;
}

NodePlan plan_with(CheckTarget target, const std::vector<std::string>& servers,
                   const std::string& vip = "192.0.2.1") {
  PlannedService service;
  service.header.health.emplace();
  service.header.health->check.target = target;
  for (const std::string& server : servers) {
    service.destinations.push_back({{ip(server), 80}, {}, Admission::kAdmit});
  }
  NodePlan plan;
  plan.services[test::tcp(vip, 80)] = std::make_shared<const PlannedService>(service);
  return plan;
}

NodePlan in_path(const std::vector<std::string>& servers) {
  return plan_with(CheckTarget::kInPath, servers);
}

ObservedPaths empty_kernel() { return {{}, {}, {{"eth0", {0, 0}}}}; }

// The kernel after these operations.
ObservedPaths after(ObservedPaths kernel, const ChangeSet& operations) {
  for (const Operation& operation : operations) {
    if (const auto* made = std::get_if<NewService>(&operation)) {
      kernel.services.push_back({made->key, made->config, true, {}, {}});
    } else if (const auto* to = std::get_if<NewDestination>(&operation)) {
      kernel.services.back().destinations.push_back({to->key, to->config, {}, {}});
    } else if (const auto* gone = std::get_if<DeleteService>(&operation)) {
      std::erase_if(kernel.services, [&](const auto& each) { return each.key == gone->key; });
    } else if (const auto* set = std::get_if<SetAcceptLocal>(&operation)) {
      kernel.accept_local[set->interface].own = set->on ? 1 : 0;
    }
  }
  return kernel;
}

struct Outcome {
  PathChange change;
  ObservedPaths kernel;
  ProbePaths ready;
};
Outcome follow(const NodePlan& plan, const ObservedPaths& kernel,
               const SavedAcceptLocal& saved = {}) {
  const RealisedPaths realised = realise_paths(plan, director(), kernel, kDefaultProbeMarks);
  Outcome outcome{diff_paths(realised.desired, kernel, saved), {}, {}};
  outcome.kernel = after(kernel, outcome.change.operations);
  outcome.ready = ready_paths(realised.desired, outcome.kernel);
  return outcome;
}

TEST(ProbePath, EachServerHasAServiceByItsMark) {
  const Outcome outcome = follow(in_path({"192.0.2.7", "192.0.2.8"}), empty_kernel());
  EXPECT_EQ(format(outcome.change.operations),
            "-A -f 1291845632 -s rr -o\n"
            "-a -f 1291845632 -r 192.0.2.7:0 -g -w 1\n"
            "-A -f 1291845633 -s rr -o\n"
            "-a -f 1291845633 -r 192.0.2.8:0 -g -w 1\n"
            "sysctl -w net.ipv4.conf.eth0.accept_local=1\n");
  const ProbePaths expected{{ip("192.0.2.7"), {0x4d000000, ip("192.0.2.10")}},
                            {ip("192.0.2.8"), {0x4d000001, ip("192.0.2.10")}}};
  EXPECT_EQ(outcome.ready, expected);
  EXPECT_TRUE(
      follow(in_path({"192.0.2.7", "192.0.2.8"}), outcome.kernel).change.operations.empty());
}

TEST(ProbePath, ChecksOfTheServersOwnAddressNeedNone) {
  const NodePlan plan = plan_with(CheckTarget::kRealServer, {"192.0.2.7"});
  EXPECT_FALSE(wants_paths(plan));
  EXPECT_TRUE(follow(plan, empty_kernel()).change.operations.empty());
}

TEST(ProbePath, AServerKeepsItsMark) {
  const Outcome two = follow(in_path({"192.0.2.7", "192.0.2.8"}), empty_kernel());
  const Outcome one = follow(in_path({"192.0.2.8"}), two.kernel, two.change.saved);
  EXPECT_EQ(format(one.change.operations), "-D -f 1291845632\n");
  EXPECT_EQ(one.ready.at(ip("192.0.2.8")).mark, 0x4d000001U);
  const Outcome again = follow(in_path({"192.0.2.6", "192.0.2.8"}), one.kernel, one.change.saved);
  EXPECT_EQ(again.ready.at(ip("192.0.2.6")).mark, 0x4d000000U);
  EXPECT_EQ(again.ready.at(ip("192.0.2.8")).mark, 0x4d000001U);
}

TEST(ProbePath, LeavesForeignMarksAlone) {
  ObservedPaths kernel = empty_kernel();
  kernel.foreign_marks = {0x4d000000, 7};
  EXPECT_EQ(follow(in_path({"192.0.2.7"}), kernel).ready.at(ip("192.0.2.7")).mark, 0x4d000001U);
}

TEST(ProbePath, MarksLeaveTheBitsOfOthersAlone) {
  for (std::size_t i = 0; i < kMostProbeMarks; ++i) {
    const std::uint32_t mark = probe_mark(kDefaultProbeMarks, i);
    ASSERT_EQ(mark & 0xff00ff00U, kDefaultProbeMarks) << i;
  }
  EXPECT_EQ(probe_mark(kDefaultProbeMarks, 0x1ff), 0x4d0100ffU);
}

TEST(ProbePath, MarksOfAnotherRangeGo) {
  const Outcome before = follow(in_path({"192.0.2.7"}), empty_kernel());
  const RealisedPaths moved =
      realise_paths(in_path({"192.0.2.7"}), director(), before.kernel, 0x5e000000);
  const PathChange change = diff_paths(moved.desired, before.kernel, before.change.saved);
  EXPECT_EQ(
      format(change.operations),
      "-D -f 1291845632\n-A -f 1577058304 -s rr -o\n-a -f 1577058304 -r 192.0.2.7:0 -g -w 1\n");
}

TEST(ProbePath, RepairsWhatSomebodyChanged) {
  Outcome outcome = follow(in_path({"192.0.2.7"}), empty_kernel());
  outcome.kernel.services[0].destinations[0].config.weight = 0;
  const Outcome repaired = follow(in_path({"192.0.2.7"}), outcome.kernel, outcome.change.saved);
  EXPECT_EQ(format(repaired.change.operations), "-e -f 1291845632 -r 192.0.2.7:0 -g -w 1\n");
}

TEST(ProbePath, Ipv6NeedsNoSetting) {
  const NodePlan plan = plan_with(CheckTarget::kInPath, {"2001:db8::7"}, "2001:db8::1");
  const Outcome outcome = follow(plan, empty_kernel());
  EXPECT_EQ(format(outcome.change.operations),
            "-A -f 1291845632 -6 -s rr -o\n-a -f 1291845632 -6 -r [2001:db8::7]:0 -g -w 1\n");
  EXPECT_EQ(outcome.ready.at(ip("2001:db8::7")).source, ip("2001:db8::10"));
}

TEST(ProbePath, AServerOnAnotherNetworkHasNone) {
  const RealisedPaths realised =
      realise_paths(in_path({"198.51.100.7"}), director(), empty_kernel(), kDefaultProbeMarks);
  EXPECT_TRUE(realised.desired.paths.empty());
  ASSERT_EQ(realised.problems.size(), 1U);
  EXPECT_EQ(realised.problems[0].reason, "NoPathForCheck");
}

TEST(ProbePath, IsNotReadyBeforeTheKernelIs) {
  const NodePlan plan = in_path({"192.0.2.7"});
  const RealisedPaths realised =
      realise_paths(plan, director(), empty_kernel(), kDefaultProbeMarks);
  EXPECT_TRUE(ready_paths(realised.desired, empty_kernel()).empty());
  ObservedPaths kernel = follow(plan, empty_kernel()).kernel;
  EXPECT_EQ(ready_paths(realised.desired, kernel).size(), 1U);
  kernel.accept_local["eth0"].own = 0;
  EXPECT_TRUE(ready_paths(realised.desired, kernel).empty());
  kernel.accept_local["eth0"].all = 1;
  EXPECT_EQ(ready_paths(realised.desired, kernel).size(), 1U);
}

TEST(ProbePath, AcceptLocalIsPutBack) {
  const Outcome with = follow(in_path({"192.0.2.7"}), empty_kernel());
  EXPECT_EQ(with.change.saved, SavedAcceptLocal{"eth0"});
  const Outcome without = follow(NodePlan{}, with.kernel, with.change.saved);
  EXPECT_EQ(format(without.change.operations),
            "-D -f 1291845632\nsysctl -w net.ipv4.conf.eth0.accept_local=0\n");
  EXPECT_EQ(without.change.saved, SavedAcceptLocal{"eth0"}) << "remembered until it was read back";
  EXPECT_TRUE(follow(NodePlan{}, without.kernel, without.change.saved).change.saved.empty());
}

TEST(ProbePath, AForeignAcceptLocalStays) {
  ObservedPaths kernel = empty_kernel();
  kernel.accept_local["eth0"].own = 1;
  const Outcome with = follow(in_path({"192.0.2.7"}), kernel);
  EXPECT_TRUE(with.change.saved.empty());
  EXPECT_EQ(follow(NodePlan{}, with.kernel).kernel.accept_local.at("eth0").own, 1);
}

TEST(ProbePath, WhatSomebodySetSinceStays) {
  Outcome with = follow(in_path({"192.0.2.7"}), empty_kernel());
  with.kernel.accept_local["eth0"].own = 0;
  const Outcome without = follow(NodePlan{}, with.kernel, with.change.saved);
  EXPECT_EQ(format(without.change.operations), "-D -f 1291845632\n");
  EXPECT_TRUE(without.change.saved.empty());
}

}  // namespace
}  // namespace lvs
