#include "agent/election/wire_sightings.h"

#include <gtest/gtest.h>

#include "samples.h"

namespace lvs {
namespace {

using Kind = NeighbourWord::Kind;
using testing::hardware;
using testing::ip;

class Sightings : public ::testing::Test {
 protected:
  Sightings() { sightings_.watch({{3, ip("192.0.2.1")}}); }
  bool hear(const HardwareAddress& from, Kind kind = Kind::kAnswer) {
    return sightings_.is_news(3, {kind, ip("192.0.2.1"), from}, now_);
  }

  WireSightings sightings_;
  TimePoint now_{Duration{1'000}};
};

TEST_F(Sightings, OnlyOfWatchedVipsOnTheirLink) {
  EXPECT_TRUE(hear(hardware(1)));
  EXPECT_FALSE(sightings_.is_news(4, {Kind::kAnswer, ip("192.0.2.1"), hardware(1)}, now_));
  EXPECT_FALSE(sightings_.is_news(3, {Kind::kAnswer, ip("192.0.2.2"), hardware(1)}, now_));
  sightings_.watch({});
  now_ += Duration{100};
  EXPECT_FALSE(hear(hardware(1)));
}

TEST_F(Sightings, EachAnswerToAQuestionIsNews) {
  for (int i = 0; i < 100; ++i, now_ += Duration{20}) EXPECT_TRUE(hear(hardware(1)));
}

TEST_F(Sightings, AStormOfOneMachineIsThinnedOut) {
  int news = 0;
  for (int i = 0; i < 50'000; ++i) news += hear(hardware(1)) ? 1 : 0;
  now_ += Duration{5};
  EXPECT_EQ(news, 1);
  EXPECT_TRUE(hear(hardware(1)));
}

TEST_F(Sightings, AnAnswerIsNotHiddenByAnAnnouncement) {
  EXPECT_TRUE(hear(hardware(1), Kind::kAnnouncement));
  EXPECT_TRUE(hear(hardware(1), Kind::kAnswer));
}

TEST_F(Sightings, MadeUpMachinesDoNotHideTheHolder) {
  int made_up = 0;
  for (int i = 0; i < 50; ++i, now_ += Duration{20}) {
    EXPECT_TRUE(hear(hardware(1))) << i;
    for (int j = 0; j < 1'000; ++j) {
      const int number = i * 1'000 + j;
      made_up += hear({4, 0, 0, 0, static_cast<std::uint8_t>(number >> 8),
                       static_cast<std::uint8_t>(number)})
                     ? 1
                     : 0;
    }
  }
  EXPECT_LE(made_up, 150);
}

}  // namespace
}  // namespace lvs
