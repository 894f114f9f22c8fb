#include "core/health/pool.h"

#include <gtest/gtest.h>

#include "core/realise.h"

namespace lvs {
namespace {

DestinationKey server(int number) {
  return {IpAddress::parse("192.0.2." + std::to_string(number)).value(), 80};
}

const ServiceKey kAsked{IpAddress::parse("192.0.2.100").value(), Protocol::kTcp, 80, 0};

PlannedService pool_of(int servers, int fail_open_percent) {
  PlannedService planned;
  HealthCheckSpec check;
  planned.header.health = PlannedHealth{check, fail_open_percent};
  for (int i = 1; i <= servers; ++i) {
    planned.destinations.push_back({server(i), {ForwardingMethod::kDirectRouting, 5, 0, 0}});
  }
  return planned;
}

// "h", "u" or "?" for each server.
PoolHealth health_of(const std::string& states) {
  PoolHealth health;
  for (std::size_t i = 0; i < states.size(); ++i) {
    const auto number = static_cast<int>(i) + 1;
    if (states[i] == 'h') health[server(number).address] = {HealthState::kHealthy, ""};
    if (states[i] == 'u') health[server(number).address] = {HealthState::kUnhealthy, "refused"};
  }
  return health;
}

// The weight of each server in the kernel; "k" where it keeps the one that it has, "x" where the
// server is cut out, "~" where the server stays as it is if it is there.
std::string weights_of(const PlannedService& planned, const std::string& states) {
  const auto verdict = judge_pool(planned, health_of(states));
  std::string weights = verdict.fail_open ? "open:" : "";
  const auto desired = realise_service({}, planned, {}, verdict);
  for (const DesiredDestination& each : desired.destinations) {
    switch (each.want) {
      case Want::kConfigured:
        weights += std::to_string(each.config.weight);
        break;
      case Want::kKeepWeight:
        weights += "k";
        break;
      case Want::kUndecided:
        weights += "~";
        break;
      case Want::kCut:
        weights += "x";
        break;
    }
  }
  return weights;
}

TEST(Pool, AnUnhealthyServerGetsNoNewConnections) {
  EXPECT_EQ(weights_of(pool_of(4, 50), "hhuh"), "5505");
  EXPECT_EQ(weights_of(pool_of(4, 50), "huuh"), "5005");
}

TEST(Pool, UnknownIsNotDown) { EXPECT_EQ(weights_of(pool_of(4, 50), "h?u?"), "5k0k"); }

TEST(Pool, ServersThatFailAreCutOutWhereThatIsWished) {
  PlannedService planned = pool_of(4, 50);
  planned.header.health->on_failure = OnFailure::kRemove;
  EXPECT_EQ(weights_of(planned, "hu?h"), "5x~5") << "an agent that has just started";
  EXPECT_EQ(weights_of(planned, "huuu"), "open:5555") << "a faulty check cuts nobody out";
}

PlannedService pool_with_sorry_server(int fail_open_percent) {
  PlannedService planned = pool_of(3, fail_open_percent);
  planned.header.sorry = PlannedSorryServer{server(9), ForwardingMethod::kDirectRouting};
  return planned;
}

TEST(Pool, TheSorryServerServesWhileNobodyElseMay) {
  const PlannedService planned = pool_with_sorry_server(100);
  EXPECT_EQ(weights_of(planned, "hhh"), "555");
  EXPECT_EQ(weights_of(planned, "uuh"), "005");
  EXPECT_EQ(weights_of(planned, "uuu"), "0001");
  EXPECT_EQ(weights_of(pool_with_sorry_server(50), "uuu"), "open:555")
      << "the pool is kept, so somebody serves";
}

TEST(Pool, TheSorryServerStaysAsItIsWhileNobodyKnows) {
  const PlannedService planned = pool_with_sorry_server(100);
  EXPECT_EQ(weights_of(planned, "???"), "kkk~") << "an agent that has just started";
  EXPECT_EQ(weights_of(planned, "uu?"), "00k~");
  EXPECT_EQ(weights_of(planned, "uh?"), "05k");
}

TEST(Pool, TheSorryServerServesWhereAllAreDrainedOrThereAreNone) {
  PlannedService planned = pool_with_sorry_server(50);
  planned.header.health.reset();
  for (auto& destination : planned.destinations) destination.admission = Admission::kHold;
  EXPECT_EQ(weights_of(planned, ""), "0001");
  planned.destinations.clear();
  EXPECT_EQ(weights_of(planned, ""), "1");
}

TEST(Pool, ASorryServerThatIsOneOfThePoolOrOutOfReachIsNoHelp) {
  PlannedService planned = pool_with_sorry_server(100);
  EXPECT_EQ(realise_service({}, planned, {server(9).address}, judge_pool(planned, health_of("uuu")))
                .destinations.size(),
            3U);
  planned.header.sorry->key = server(2);
  EXPECT_EQ(weights_of(planned, "uuu"), "000");
}

TEST(Pool, IsKeptWhenMoreThanTheShareLooksDead) {
  EXPECT_EQ(weights_of(pool_of(4, 50), "huuu"), "open:5555");
  EXPECT_EQ(weights_of(pool_of(4, 50), "uuuu"), "open:5555");
  EXPECT_EQ(weights_of(pool_of(4, 50), "uuu?"), "open:555k");
  EXPECT_EQ(weights_of(pool_of(1, 50), "u"), "open:5");
}

TEST(Pool, TheShareIsTheAdministrators) {
  EXPECT_EQ(weights_of(pool_of(4, 100), "uuuu"), "0000") << "health may empty the pool";
  EXPECT_EQ(weights_of(pool_of(4, 0), "huhh"), "open:5555") << "health takes nothing out";
  EXPECT_EQ(weights_of(pool_of(4, 0), "hhhh"), "5555");
  EXPECT_EQ(weights_of(pool_of(3, 66), "huu"), "open:555");
  EXPECT_EQ(weights_of(pool_of(3, 67), "huu"), "500");
}

TEST(Pool, WhoGetsNothingAnywayIsNoPartOfIt) {
  PlannedService planned = pool_of(4, 50);
  planned.destinations[2].config.weight = 0;
  planned.destinations[3].admission = Admission::kHold;
  EXPECT_EQ(weights_of(planned, "huuu"), "5000");
  EXPECT_EQ(weights_of(planned, "uuhh"), "open:5500");
  EXPECT_EQ(weights_of(planned, "????"), "kk00");
}

TEST(Pool, WhatAPersonForcesIsSo) {
  PlannedService planned = pool_of(4, 50);
  planned.destinations[0].admission = Admission::kForceUp;
  planned.destinations[1].admission = Admission::kForceDown;
  EXPECT_EQ(weights_of(planned, "uhhh"), "5055");
  EXPECT_EQ(weights_of(planned, "????"), "50kk");
  EXPECT_EQ(weights_of(planned, "uhuh"), "5005") << "who is forced up is no sign of a wrong check";
  planned.header.health.reset();
  EXPECT_EQ(weights_of(planned, "hhhh"), "5055");
}

TEST(Pool, WithoutACheckNobodyIsOut) {
  PlannedService planned = pool_of(2, 50);
  planned.header.health.reset();
  EXPECT_EQ(weights_of(planned, "u?"), "55");
  EXPECT_EQ(check_of(kAsked, planned.header, server(1), {}), std::nullopt);
}

TEST(Pool, ACheckGoesToItsOwnPortOrToTheServers) {
  PlannedService planned = pool_of(1, 50);
  EXPECT_EQ(check_of(kAsked, planned.header, server(1), {})->port, 80);
  EXPECT_EQ(check_of(kAsked, planned.header, server(1), {})->route, std::nullopt);
  planned.header.health->check.port = 8080;
  EXPECT_EQ(check_of(kAsked, planned.header, server(1), {})->port, 8080);
}

TEST(Pool, ACheckThroughTheVipWaitsForItsPath) {
  PlannedService planned = pool_of(1, 50);
  planned.header.health->check.target = CheckTarget::kInPath;
  EXPECT_EQ(check_of(kAsked, planned.header, server(1), {}), std::nullopt);
  const ProbePath path{0x4d000000, IpAddress::parse("192.0.2.10").value()};
  const auto check = check_of(kAsked, planned.header, server(1), {{server(1).address, path}});
  ASSERT_TRUE(check && check->route);
  EXPECT_EQ(check->route->vip, kAsked.address);
  EXPECT_EQ(check->route->path, path);
}

}  // namespace
}  // namespace lvs
