#include "core/health/server_health.h"

#include <gtest/gtest.h>

namespace lvs {
namespace {

const TimePoint kFirstProbe{Duration{1'000'000}};

// "+" a success, "-" a failure, one second apart; the state after each: "?", "h" or "u".
std::string states_of(const std::string& probes, int rise = 2, int fall = 3) {
  ServerHealth health(rise, fall);
  std::string states;
  TimePoint now = kFirstProbe;
  for (const char probe : probes) {
    const HealthState before = health.state();
    const bool changed = health.record({probe == '+', probe == '+' ? "" : "refused", {}}, now);
    EXPECT_EQ(changed, health.state() != before);
    if (changed) {
      EXPECT_EQ(health.since(), now);
    }
    states += "?hu"[static_cast<int>(health.state())];
    now += Duration{1'000};
  }
  return states;
}

TEST(ServerHealth, TheFirstSuccessIsEnoughForAStart) { EXPECT_EQ(states_of("+"), "h"); }

TEST(ServerHealth, UnknownIsNotDown) { EXPECT_EQ(states_of("--"), "??"); }

TEST(ServerHealth, FallsAfterFailuresInARow) {
  EXPECT_EQ(states_of("---"), "??u");
  EXPECT_EQ(states_of("+---"), "hhhu");
  EXPECT_EQ(states_of("+--+--+"), "hhhhhhh");
}

TEST(ServerHealth, RisesAfterSuccessesInARow) {
  EXPECT_EQ(states_of("---++"), "??uuh");
  EXPECT_EQ(states_of("---+-+-++"), "??uuuuuuh");
}

TEST(ServerHealth, OneOfEachTurnsWithEveryProbe) { EXPECT_EQ(states_of("+-+-", 1, 1), "huhu"); }

TEST(ServerHealth, SaysWhyTheLastOneFailed) {
  ServerHealth health(2, 2);
  health.record({false, "connection refused", {}}, kFirstProbe);
  health.record({false, "no answer within 1s", {}}, kFirstProbe);
  EXPECT_EQ(health.why(), "no answer within 1s");
  EXPECT_EQ(health.against(), 0);
  health.record({true, "", {}}, kFirstProbe);
  EXPECT_EQ(health.against(), 1);
}

TEST(ServerHealth, AnotherReasonCountsWhenItIsSeenTwice) {
  ServerHealth health(2, 1);
  health.record({false, "refused", {}}, kFirstProbe);
  EXPECT_FALSE(health.record({false, "silent", {}}, kFirstProbe));
  EXPECT_EQ(health.why(), "refused");
  EXPECT_TRUE(health.record({false, "silent", {}}, kFirstProbe));
  EXPECT_EQ(health.why(), "silent");
  EXPECT_FALSE(health.record({false, "silent", {}}, kFirstProbe));
}

TEST(ServerHealth, AReasonThatIsNewEachTimeIsNoNews) {
  ServerHealth health(2, 1);
  health.record({false, "refused", {}}, kFirstProbe);
  for (const char* why : {"reply 1", "reply 2", "reply 3"}) {
    EXPECT_FALSE(health.record({false, why, {}}, kFirstProbe));
  }
  EXPECT_EQ(health.why(), "refused");
}

}  // namespace
}  // namespace lvs
