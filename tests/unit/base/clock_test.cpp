#include "base/clock.h"

#include <gtest/gtest.h>

namespace lvs {
namespace {

TEST(Clock, WritesTimesAsKubernetesDoes) {
  EXPECT_EQ(to_rfc3339(WallTime(std::chrono::seconds(0))), "1970-01-01T00:00:00Z");
  EXPECT_EQ(to_rfc3339(WallTime(std::chrono::seconds(1'769'847'300))), "2026-01-31T08:15:00Z");
}

}  // namespace
}  // namespace lvs
