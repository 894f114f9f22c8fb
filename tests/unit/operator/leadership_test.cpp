#include "operator/leadership.h"

#include <gtest/gtest.h>

namespace lvs {
namespace {

constexpr Duration kDuration{15'000};

TimePoint at(int seconds) { return TimePoint{} + std::chrono::seconds(seconds); }

// The Lease as the API server has it.
struct Server {
  Lease lease;
  int version = 0;

  void take(const Lease& written) {
    lease = written;
    lease.resource_version = std::to_string(++version);
  }
  // What one round of a replica comes to.
  bool round(Leadership& replica, TimePoint now) {
    if (const auto wish = replica.wish(lease, now, "now")) take(*wish);
    return replica.leads(lease);
  }
};

TEST(Leadership, TheFirstLeadsTheOthersWait) {
  Server server;
  Leadership a("a", kDuration);
  Leadership b("b", kDuration);
  EXPECT_TRUE(server.round(a, at(0)));
  EXPECT_EQ(server.lease.transitions, 1U);
  for (int second = 0; second < 100; second += 3) {
    EXPECT_FALSE(server.round(b, at(second)));
    EXPECT_TRUE(server.round(a, at(second)));
  }
  EXPECT_EQ(server.lease.transitions, 1U);
}

TEST(Leadership, ASilentLeaderIsReplacedAndTheTermGrows) {
  Server server;
  Leadership a("a", kDuration);
  Leadership b("b", kDuration);
  server.round(a, at(0));
  EXPECT_FALSE(server.round(b, at(100))) << "a clock that was never compared says nothing";
  EXPECT_FALSE(server.round(b, at(114)));
  EXPECT_TRUE(server.round(b, at(115)));
  EXPECT_EQ(server.lease.transitions, 2U);
  EXPECT_FALSE(server.round(a, at(116)));
}

TEST(Leadership, TheServersSilenceIsNotTheLeaders) {
  Server server;
  Leadership a("a", kDuration);
  Leadership b("b", kDuration);
  server.round(a, at(0));
  EXPECT_FALSE(server.round(b, at(0)));
  b.not_seen();
  EXPECT_FALSE(server.round(b, at(60))) << "the server is back, the leader has its time";
  server.round(a, at(61));
  EXPECT_FALSE(server.round(b, at(75)));
}

TEST(Leadership, WhatIsGivenUpIsTakenAtOnce) {
  Server server;
  Leadership a("a", kDuration);
  Leadership b("b", kDuration);
  server.round(a, at(0));
  server.take(a.given_up(server.lease));
  EXPECT_TRUE(server.round(b, at(1)));
  EXPECT_EQ(server.lease.transitions, 2U);
}

TEST(Leadership, ALeaseThatWasDeletedOrRestoredTakesNoTermBack) {
  Server server;
  Leadership a("a", kDuration);
  for (int term = 1; term <= 3; ++term) {
    server.round(a, at(term));
    server.lease.holder.clear();
  }
  server.lease = Lease{};
  EXPECT_TRUE(server.round(a, at(10)));
  EXPECT_EQ(server.lease.transitions, 4U);
}

TEST(Leadership, RenewalChangesNothingElse) {
  Server server;
  Leadership a("a", kDuration);
  server.round(a, at(0));
  server.lease.labels = {{"kept", "yes"}};
  Lease expected = server.lease;
  expected.renew_time = "later";
  EXPECT_EQ(a.wish(server.lease, at(3), "later"), expected);
}

}  // namespace
}  // namespace lvs
