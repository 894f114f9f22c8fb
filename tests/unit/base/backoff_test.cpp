#include "base/backoff.h"

#include <gtest/gtest.h>

namespace lvs {
namespace {

constexpr double kLowest = 0.0;
constexpr double kHighest = 0.999999;

TEST(Backoff, DoublesFromFirstToLongest) {
  Backoff backoff({Duration(100), Duration(1000)});
  EXPECT_EQ(backoff.next(kHighest), Duration(99));
  EXPECT_EQ(backoff.next(kHighest), Duration(199));
  EXPECT_EQ(backoff.next(kHighest), Duration(399));
  EXPECT_EQ(backoff.next(kHighest), Duration(799));
  EXPECT_EQ(backoff.next(kHighest), Duration(999));
  EXPECT_EQ(backoff.next(kHighest), Duration(999));
}

TEST(Backoff, NeverWaitsLessThanHalfAStep) {
  Backoff backoff({Duration(100), Duration(1000)});
  EXPECT_EQ(backoff.next(kLowest), Duration(50));
  EXPECT_EQ(backoff.next(kLowest), Duration(100));
}

TEST(Backoff, ASuccessStartsAgain) {
  Backoff backoff({Duration(100), Duration(1000)});
  (void)backoff.next(kLowest);
  (void)backoff.next(kLowest);
  backoff.reset();
  EXPECT_EQ(backoff.failures(), 0);
  EXPECT_EQ(backoff.next(kLowest), Duration(50));
}

TEST(Backoff, StaysAtTheLongestHoweverManyFailures) {
  Backoff backoff({Duration(100), Duration(10'000)});
  for (int i = 0; i < 1000; ++i) EXPECT_LE(backoff.next(kHighest), Duration(10'000));
}

}  // namespace
}  // namespace lvs
