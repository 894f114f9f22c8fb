#include "agent/election/replay_guard.h"

#include <set>

#include <gtest/gtest.h>

namespace lvs {
namespace {

using Verdict = ReplayGuard::Verdict;

// A director as far as the guard is concerned: it sends, hears, and echoes what it believes.
class Director {
 public:
  Director(std::string name, std::uint64_t boot) : guard_(name), name_(std::move(name)) {
    boot_ = boot;
  }
  Heartbeat send(TimePoint now) {
    Heartbeat heartbeat;
    heartbeat.node = name_;
    heartbeat.boot = boot_;
    heartbeat.sequence = ++sequence_;
    if (believed_) heartbeat.echoes.push_back(*believed_);
    guard_.add_challenges(heartbeat, now);
    return heartbeat;
  }
  Verdict hear(const Heartbeat& heartbeat, TimePoint now) {
    const Verdict verdict = guard_.judge(heartbeat, now);
    if (verdict == Verdict::kLiving) {
      believed_ = HeartbeatEcho{heartbeat.node, heartbeat.boot, heartbeat.sequence, Duration{0}};
    }
    return verdict;
  }

 private:
  ReplayGuard guard_;
  std::string name_;
  std::uint64_t boot_ = 0;
  std::uint64_t sequence_ = 0;
  std::optional<HeartbeatEcho> believed_;
};

class ReplayGuards : public ::testing::Test {
 protected:
  TimePoint tick() { return now_ += Duration{50}; }
  // Both send and hear until both believe; how many rounds it took.
  int meet(Director& a, Director& b) {
    for (int round = 1; round < 10; ++round) {
      const Heartbeat from_a = a.send(tick());
      const Heartbeat from_b = b.send(now_);
      recorded_.push_back(from_b);
      const bool b_believes = b.hear(from_a, now_) == Verdict::kLiving;
      if (a.hear(from_b, now_) == Verdict::kLiving && b_believes) return round;
    }
    return 10;
  }
  // Everything that was recorded from B, played to `to`.
  void expect_recording_refused(Director& to) {
    for (const Heartbeat& heartbeat : recorded_) {
      EXPECT_NE(to.hear(heartbeat, tick()), Verdict::kLiving) << heartbeat.sequence;
    }
  }

  TimePoint now_{Duration{1'000'000}};
  std::vector<Heartbeat> recorded_;
  Director a_{"a", 1};
};

TEST_F(ReplayGuards, TwoThatStartAtOnceBelieveEachOtherInTwoRounds) {
  Director b("b", 2);
  EXPECT_EQ(meet(a_, b), 2);
  EXPECT_EQ(meet(a_, b), 1);
}

TEST_F(ReplayGuards, ARepeatedOrOlderHeartbeatIsRefused) {
  Director b("b", 2);
  meet(a_, b);
  for (int i = 0; i < 100; ++i) {
    recorded_.push_back(b.send(tick()));
    EXPECT_EQ(a_.hear(recorded_.back(), now_), Verdict::kLiving);
  }
  EXPECT_EQ(a_.hear(recorded_.back(), now_), Verdict::kRepeated);
  EXPECT_EQ(a_.hear(recorded_.front(), now_), Verdict::kReplayed);
  expect_recording_refused(a_);
}

// Its number needs not be higher than the last: no clock plays a part.
TEST_F(ReplayGuards, ARestartedDirectorIsBelievedWhateverItsClockSays) {
  std::uint64_t boot = 1'000'000;
  Director first("b", boot);
  meet(a_, first);
  for (const std::uint64_t next : {boot - 3600, boot + 3600, std::uint64_t{1}}) {
    Director b("b", next);
    EXPECT_LE(meet(a_, b), 2) << next;
    EXPECT_EQ(meet(a_, b), 1);
  }
}

TEST_F(ReplayGuards, TheRecordingOfABootThatEndedIsRefused) {
  Director first("b", 2);
  for (int i = 0; i < 10; ++i) meet(a_, first);
  Director second("b", 3);
  meet(a_, second);
  expect_recording_refused(a_);
  EXPECT_EQ(meet(a_, second), 1);
}

TEST_F(ReplayGuards, TheRecordingOfADeadDirectorIsRefusedAfterItsDeath) {
  {
    Director b("b", 2);
    for (int i = 0; i < 10; ++i) meet(a_, b);
  }
  for (int i = 0; i < 100; ++i) (void)a_.send(tick());
  expect_recording_refused(a_);
}

TEST_F(ReplayGuards, TheRecordingIsRefusedAfterOurOwnRestart) {
  Director b("b", 2);
  for (int i = 0; i < 10; ++i) meet(a_, b);
  Director again("a", 4);
  (void)again.send(tick());
  expect_recording_refused(again);
  EXPECT_LE(meet(again, b), 2);
}

// A boot that we never heard, recorded elsewhere, that did hear us.
TEST_F(ReplayGuards, AnUnheardBootIsRefusedOnceItsEchoesAreOld) {
  Director b("b", 2);
  (void)b.hear(a_.send(tick()), now_);
  const Heartbeat unheard = b.send(now_);
  ASSERT_EQ(unheard.echoes.size(), 1U);
  for (int i = 0; i < 41; ++i) (void)a_.send(tick());
  EXPECT_EQ(a_.hear(unheard, now_), Verdict::kUnproven);
}

// ... and at once, when a later one has proven itself.
TEST_F(ReplayGuards, AnUnheardBootIsRefusedOnceItsSuccessorSpoke) {
  Director forerunner("b", 2);
  (void)forerunner.hear(a_.send(tick()), now_);
  const Heartbeat unheard = forerunner.send(now_);
  Director b("b", 3);
  meet(a_, b);
  EXPECT_EQ(a_.hear(unheard, now_), Verdict::kUnproven);
  EXPECT_EQ(meet(a_, b), 1);
}

TEST_F(ReplayGuards, AnEchoOfWhatWasNeverSentProvesNothing) {
  Heartbeat forged;
  forged.node = "b";
  forged.boot = 2;
  forged.sequence = 1;
  (void)a_.send(tick());
  forged.echoes = {{"a", 1, 99, Duration{0}}};
  EXPECT_EQ(a_.hear(forged, now_), Verdict::kUnproven);
  forged.echoes = {{"a", 9, 1, Duration{0}}};
  EXPECT_EQ(a_.hear(forged, now_), Verdict::kUnproven);
  forged.echoes = {{"c", 1, 1, Duration{0}}};
  EXPECT_EQ(a_.hear(forged, now_), Verdict::kUnproven);
}

TEST_F(ReplayGuards, APausedDirectorIsBelievedAfterwards) {
  Director b("b", 2);
  meet(a_, b);
  now_ += Duration{30'000};
  EXPECT_EQ(meet(a_, b), 1);
}

TEST_F(ReplayGuards, AHealedPartitionNeedsNoNewProof) {
  Director b("b", 2);
  meet(a_, b);
  for (int i = 0; i < 1000; ++i) {
    (void)a_.send(tick());
    (void)b.send(now_);
  }
  EXPECT_EQ(meet(a_, b), 1);
}

TEST_F(ReplayGuards, ARestartedDirectorDoesNotGetAnEchoOfItsForerunner) {
  Director first("b", 2);
  meet(a_, first);
  Director second("b", 3);
  (void)a_.hear(second.send(tick()), now_);
  const Heartbeat answer = a_.send(tick());
  ASSERT_EQ(answer.echoes.size(), 1U);
  EXPECT_EQ(answer.echoes[0].boot, 3U);
}

TEST(MakeBoot, NeverTheSame) {
  std::set<std::uint64_t> boots;
  for (int i = 0; i < 1000; ++i) boots.insert(make_boot());
  EXPECT_EQ(boots.size(), 1000U);
  EXPECT_FALSE(boots.contains(0));
}

}  // namespace
}  // namespace lvs
