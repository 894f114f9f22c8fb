#include "core/drain.h"

#include <gtest/gtest.h>

#include "tests/unit/core/agent/builders.h"

namespace lvs {
namespace {

using test::dest;
using test::kWeb;
using test::tcp;
using test::weight;

constexpr Duration kTimeout{60'000};
constexpr TimePoint kStart{Duration{10'000}};

ObservedDestination draining(std::uint32_t active, std::uint32_t inactive) {
  return {dest("192.0.2.7"), weight(0), {active, inactive, 0}, {}};
}

TEST(DrainLedger, TwoEmptyLooksInARowEndIt) {
  DrainLedger drains;
  EXPECT_FALSE(drains.is_over(kWeb, draining(0, 0), kTimeout, kStart));
  EXPECT_TRUE(drains.is_over(kWeb, draining(0, 0), kTimeout, kStart + Duration{1000}));
}

TEST(DrainLedger, AConnectionBetweenTwoLooksStartsTheCountAgain) {
  DrainLedger drains;
  EXPECT_FALSE(drains.is_over(kWeb, draining(0, 0), kTimeout, kStart));
  EXPECT_FALSE(drains.is_over(kWeb, draining(0, 1), kTimeout, kStart + Duration{1000}));
  EXPECT_FALSE(drains.is_over(kWeb, draining(0, 0), kTimeout, kStart + Duration{2000}));
  EXPECT_TRUE(drains.is_over(kWeb, draining(0, 0), kTimeout, kStart + Duration{3000}));
}

TEST(DrainLedger, TwoReadingsOfOneMomentAreOneLook) {
  DrainLedger drains;
  EXPECT_FALSE(drains.is_over(kWeb, draining(0, 0), kTimeout, kStart));
  EXPECT_FALSE(drains.is_over(kWeb, draining(0, 0), kTimeout, kStart + Duration{10}));
}

TEST(DrainLedger, ALookBeforeTheWeightIsZeroProvesNothing) {
  DrainLedger drains;
  ObservedDestination destination = draining(0, 0);
  destination.config.weight = 3;
  EXPECT_FALSE(drains.is_over(kWeb, destination, kTimeout, kStart));
  EXPECT_FALSE(drains.is_over(kWeb, draining(0, 0), kTimeout, kStart + Duration{1000}));
  EXPECT_TRUE(drains.is_over(kWeb, draining(0, 0), kTimeout, kStart + Duration{2000}));
}

TEST(DrainLedger, TheTimeoutEndsItWithConnectionsLeft) {
  DrainLedger drains;
  EXPECT_FALSE(drains.is_over(kWeb, draining(5, 0), kTimeout, kStart));
  EXPECT_FALSE(drains.is_over(kWeb, draining(5, 0), kTimeout, kStart + kTimeout - Duration{1}));
  EXPECT_TRUE(drains.is_over(kWeb, draining(5, 0), kTimeout, kStart + kTimeout));
}

TEST(DrainLedger, ATimeoutOfZeroDeletesAtOnce) {
  DrainLedger drains;
  EXPECT_TRUE(drains.is_over(kWeb, draining(5, 0), Duration{0}, kStart));
}

TEST(DrainLedger, NamesItsServicesAndForgetsThem) {
  DrainLedger drains;
  const ServiceKey other = tcp("192.0.2.1", 81);
  static_cast<void>(drains.is_over(kWeb, draining(1, 0), kTimeout, kStart));
  static_cast<void>(drains.is_over(other, draining(1, 0), kTimeout, kStart));
  EXPECT_EQ(drains.services(), (std::vector<ServiceKey>{kWeb, other}));
  EXPECT_EQ(drains.destinations(kWeb), std::vector<DestinationKey>{dest("192.0.2.7")});
  drains.forget(kWeb);
  EXPECT_EQ(drains.services(), std::vector<ServiceKey>{other});
  drains.forget(other, dest("192.0.2.7"));
  EXPECT_TRUE(drains.empty());
}

}  // namespace
}  // namespace lvs
