#include <gtest/gtest.h>

#include "core/diff.h"
#include "core/format.h"
#include "tests/unit/core/agent/builders.h"

namespace lvs {
namespace {

using test::desired;
using test::dest;
using test::ip;
using test::kWeb;
using test::observed;
using test::tcp;
using test::weight;

struct Case {
  std::string name;
  std::optional<DesiredService> wanted;
  std::optional<ObservedService> present;
  std::string operations;  // ipvsadm syntax, a line each
};

class DiffService : public testing::TestWithParam<Case> {};

TEST_P(DiffService, GivesTheShortestSafeOperations) {
  const Case& c = GetParam();
  DrainLedger drains;
  const ChangeSet changes =
      diff_service(c.wanted ? &*c.wanted : nullptr, c.present ? &*c.present : nullptr, drains,
                   TimePoint{Duration{1000}});
  EXPECT_EQ(format(changes), c.operations);
}

DesiredService with_config(DesiredService service, const ServiceConfig& config) {
  service.config = config;
  return service;
}
ObservedService with_config(ObservedService service, const ServiceConfig& config) {
  service.config = config;
  return service;
}
ObservedService foreign(ObservedService service) {
  service.owned = false;
  return service;
}
DesiredService wanting(Want want, DesiredService service) {
  for (DesiredDestination& d : service.destinations) d.want = want;
  return service;
}
DesiredService with_destination_config(DesiredService service, const DestinationConfig& config) {
  for (DesiredDestination& d : service.destinations) d.config = config;
  return service;
}

std::vector<Case> creation() {
  return {
      {"NothingAtAll", std::nullopt, std::nullopt, ""},
      {"NewServiceIsBoundWhenItsDestinationsStand",
       desired(kWeb, "wrr", {{"192.0.2.7", 3}, {"192.0.2.8", 2}}), std::nullopt,
       "-A -t 192.0.2.1:80 -s none\n"
       "-a -t 192.0.2.1:80 -r 192.0.2.7:80 -g -w 3\n"
       "-a -t 192.0.2.1:80 -r 192.0.2.8:80 -g -w 2\n"
       "-E -t 192.0.2.1:80 -s wrr\n"},
      {"NewServiceWithOneDestinationIsBoundAtOnce", desired(kWeb, "wrr", {{"192.0.2.7", 3}}),
       std::nullopt,
       "-A -t 192.0.2.1:80 -s wrr\n"
       "-a -t 192.0.2.1:80 -r 192.0.2.7:80 -g -w 3\n"},
      {"NewServiceWithoutDestinations", desired(kWeb, "rr", {}), std::nullopt,
       "-A -t 192.0.2.1:80 -s rr\n"},
      {"NewDestinationOfUnknownStateStartsWithNoWeight",
       wanting(Want::kKeepWeight, desired(kWeb, "rr", {{"192.0.2.7", 3}})), std::nullopt,
       "-A -t 192.0.2.1:80 -s rr\n"
       "-a -t 192.0.2.1:80 -r 192.0.2.7:80 -g -w 0\n"},
      {"InterruptedCreationIsFinished", desired(kWeb, "mh", {{"192.0.2.7", 1}, {"192.0.2.8", 1}}),
       observed(kWeb, "", {{"192.0.2.7", 1}}),
       "-a -t 192.0.2.1:80 -r 192.0.2.8:80 -g -w 1\n"
       "-E -t 192.0.2.1:80 -s mh\n"},
  };
}

std::vector<Case> change() {
  const auto one = [](std::uint32_t value) { return desired(kWeb, "wrr", {{"192.0.2.7", value}}); };
  const auto kernel = observed(kWeb, "wrr", {{"192.0.2.7", 3}});
  return {
      {"NothingToDo", one(3), kernel, ""},
      {"AWeightIsOneSetDestination", one(4), kernel,
       "-e -t 192.0.2.1:80 -r 192.0.2.7:80 -g -w 4\n"},
      {"AnUnknownWeightKeepsTheKernels", wanting(Want::kKeepWeight, one(9)), kernel, ""},
      {"WhatIsUndecidedStaysAsItIs", wanting(Want::kUndecided, one(9)), kernel, ""},
      {"WhatIsUndecidedAndNotThereIsNotAdded", wanting(Want::kUndecided, one(9)),
       observed(kWeb, "wrr", {}), ""},
      {"WhatIsCutGoesAtOnce", wanting(Want::kCut, one(9)), kernel,
       "-d -t 192.0.2.1:80 -r 192.0.2.7:80\n"},
      {"WhatIsCutAndNotThereIsNotAdded", wanting(Want::kCut, one(9)), observed(kWeb, "wrr", {}),
       ""},
      {"AMethodChangesInPlace",
       with_destination_config(one(3), {ForwardingMethod::kTunnel, 3, 0, 0}), kernel,
       "-e -t 192.0.2.1:80 -r 192.0.2.7:80 -i -w 3 --tun-type ipip\n"},
      {"ThresholdsChangeInPlace",
       with_destination_config(one(3), {ForwardingMethod::kDirectRouting, 3, 100, 80}), kernel,
       "-e -t 192.0.2.1:80 -r 192.0.2.7:80 -g -w 3 -x 100 -y 80\n"},
      {"ASchedulerChangesInPlace", desired(kWeb, "wlc", {{"192.0.2.7", 3}}), kernel,
       "-E -t 192.0.2.1:80 -s wlc\n"},
      {"PersistenceComes", with_config(one(3), {"wrr", 0, 60, 24}), kernel,
       "-E -t 192.0.2.1:80 -s wrr -p 60 -M 255.255.255.0\n"},
      {"PersistenceGoes", one(3), with_config(kernel, {"wrr", kFlagPersistent, 60, 32}),
       "-E -t 192.0.2.1:80 -s wrr\n"},
      {"TheKernelsOwnWayToSayPersistentIsNoDifference", with_config(one(3), {"wrr", 0, 60, 0}),
       with_config(kernel, {"wrr", kFlagPersistent, 60, 32}), ""},
      {"APrefixWithoutPersistenceIsNoDifference", one(3), with_config(kernel, {"wrr", 0, 0, 32}),
       ""},
      {"SchedulerFlagsChange", with_config(one(3), {"mh", kFlagSched1 | kFlagSched2, 0, 0}), kernel,
       "-E -t 192.0.2.1:80 -s mh -b mh-fallback,mh-port\n"},
      {"OnePacket", with_config(one(3), {"wrr", kFlagOnePacket, 0, 0}), kernel,
       "-E -t 192.0.2.1:80 -s wrr -o\n"},
      {"NewBeforeChangedBeforeService", desired(kWeb, "rr", {{"192.0.2.7", 5}, {"192.0.2.9", 1}}),
       kernel,
       "-a -t 192.0.2.1:80 -r 192.0.2.9:80 -g -w 1\n"
       "-e -t 192.0.2.1:80 -r 192.0.2.7:80 -g -w 5\n"
       "-E -t 192.0.2.1:80 -s rr\n"},
  };
}

std::vector<Case> ownership() {
  const auto kernel = observed(kWeb, "wrr", {{"192.0.2.7", 3}});
  return {
      {"OursAndNotWantedIsDeleted", std::nullopt, kernel, "-D -t 192.0.2.1:80\n"},
      {"ForeignAndNotWantedIsLeft", std::nullopt, foreign(kernel), ""},
      {"ForeignAndWantedIsAdopted", desired(kWeb, "wrr", {{"192.0.2.7", 3}}), foreign(kernel),
       "-E -t 192.0.2.1:80 -s wrr\n"},
      {"ADestinationThatIsNotWantedDrains", desired(kWeb, "wrr", {}), kernel,
       "-e -t 192.0.2.1:80 -r 192.0.2.7:80 -g -w 0\n"},
      {"ADrainingDestinationKeepsItsMethod", desired(kWeb, "wrr", {}),
       ObservedService{kWeb,
                       {"wrr", 0, 0, 0},
                       true,
                       {},
                       {{dest("192.0.2.7"), {ForwardingMethod::kMasquerade, 2, 9, 4}, {}, {}}}},
       "-e -t 192.0.2.1:80 -r 192.0.2.7:80 -m -w 0 -x 9 -y 4\n"},
  };
}

std::string case_name(const testing::TestParamInfo<Case>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Creation, DiffService, testing::ValuesIn(creation()), case_name);
INSTANTIATE_TEST_SUITE_P(Change, DiffService, testing::ValuesIn(change()), case_name);
INSTANTIATE_TEST_SUITE_P(Ownership, DiffService, testing::ValuesIn(ownership()), case_name);

// From none to one nobody is refused who was not refused before.
TEST(DiffService, SaysWhichSchedulerTakesAnothersPlace) {
  const auto changes = [](const std::string& before, const std::string& after) {
    DrainLedger drains;
    const DesiredService wanted = desired(kWeb, after, {{"192.0.2.7", 3}});
    const ObservedService present = foreign(observed(kWeb, before, {{"192.0.2.7", 3}}));
    return diff_service(&wanted, &present, drains, TimePoint{});
  };
  EXPECT_TRUE(std::get<SetService>(changes("wrr", "rr").at(0)).replaces_scheduler);
  EXPECT_FALSE(std::get<SetService>(changes("wrr", "wrr").at(0)).replaces_scheduler);
  EXPECT_FALSE(std::get<SetService>(changes("", "wrr").at(0)).replaces_scheduler);
  DrainLedger drains;
  const DesiredService fresh = desired(kWeb, "mh", {{"192.0.2.7", 3}, {"192.0.2.8", 1}});
  const ChangeSet made = diff_service(&fresh, nullptr, drains, TimePoint{});
  EXPECT_FALSE(std::get<SetService>(made.back()).replaces_scheduler);
}

TEST(DiffServiceDrain, DeletesWhenEmptyForTwoLooks) {
  DrainLedger drains;
  const DesiredService wanted = desired(kWeb, "rr", {});
  ObservedService present = observed(kWeb, "rr", {{"192.0.2.7", 3}});
  const TimePoint start{Duration{5000}};
  EXPECT_EQ(diff_service(&wanted, &present, drains, start).size(), 1U);
  present.destinations[0].config.weight = 0;
  EXPECT_TRUE(diff_service(&wanted, &present, drains, start + Duration{1000}).empty());
  EXPECT_EQ(format(diff_service(&wanted, &present, drains, start + Duration{2000})),
            "-d -t 192.0.2.1:80 -r 192.0.2.7:80\n");
}

TEST(DiffServiceDrain, DestinationThatComesBackIsNotDrainedFurther) {
  DrainLedger drains;
  const DesiredService gone = desired(kWeb, "rr", {});
  const DesiredService back = desired(kWeb, "rr", {{"192.0.2.7", 3}});
  const ObservedService present = observed(kWeb, "rr", {{"192.0.2.7", 3}});
  static_cast<void>(diff_service(&gone, &present, drains, TimePoint{}));
  EXPECT_FALSE(drains.empty());
  EXPECT_TRUE(diff_service(&back, &present, drains, TimePoint{}).empty());
  EXPECT_TRUE(drains.empty());
}

TEST(DiffServiceDrain, IsForgottenWhenTheDestinationIsGone) {
  DrainLedger drains;
  const DesiredService wanted = desired(kWeb, "rr", {});
  const ObservedService present = observed(kWeb, "rr", {{"192.0.2.7", 3}});
  static_cast<void>(diff_service(&wanted, &present, drains, TimePoint{}));
  const ObservedService without = observed(kWeb, "rr", {});
  static_cast<void>(diff_service(&wanted, &without, drains, TimePoint{}));
  EXPECT_TRUE(drains.empty());
}

TEST(DiffServiceDrain, ServiceThatGoesTakesItsDrainsAlong) {
  DrainLedger drains;
  const DesiredService wanted = desired(kWeb, "rr", {});
  const ObservedService present = observed(kWeb, "rr", {{"192.0.2.7", 3}});
  static_cast<void>(diff_service(&wanted, &present, drains, TimePoint{}));
  EXPECT_EQ(diff_service(nullptr, &present, drains, TimePoint{}).size(), 1U);
  EXPECT_TRUE(drains.empty());
}

}  // namespace
}  // namespace lvs
