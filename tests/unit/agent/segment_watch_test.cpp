#include "agent/segment_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/segment_probe.h"

namespace lvs {
namespace {

using Step = SegmentWatch::Step;

constexpr int kLink = 2;

class Segments : public ::testing::Test {
 protected:
  static TimePoint at(int ms) { return TimePoint{} + Duration{10'000 + ms}; }
  // A question for the VIP at each of these moments; whether the last one proves nothing.
  bool silent_after(const std::vector<int>& moments) {
    bool silent = false;
    for (const int ms : moments) {
      (void)watch_.asked(kLink, at(ms));
      silent = watch_.is_silent(kLink, at(ms));
    }
    return silent;
  }

  SegmentWatch watch_;
};

TEST_F(Segments, SilentAtTheThirdQuestionBeforeTheVipIs) {
  EXPECT_FALSE(silent_after({0, 20}));
  EXPECT_TRUE(silent_after({40}));
}

TEST_F(Segments, OneFrameIsEnough) {
  EXPECT_FALSE(silent_after({0, 20}));
  EXPECT_FALSE(watch_.heard(kLink));
  EXPECT_FALSE(silent_after({40, 60}));
}

TEST_F(Segments, SilentUntilTheNextFrame) {
  EXPECT_TRUE(silent_after({0, 20, 40}));
  EXPECT_TRUE(silent_after({60, 5'000}));
  EXPECT_TRUE(watch_.heard(kLink));
  EXPECT_FALSE(silent_after({5'020}));
  EXPECT_FALSE(watch_.heard(kLink));
}

TEST_F(Segments, WithoutAWitnessNothingIsProved) {
  EXPECT_EQ(watch_.asked(kLink, at(0)), Step::kBegin);
  watch_.has_no_witness(kLink);
  EXPECT_FALSE(silent_after({20, 40, 60, 80}));
}

TEST_F(Segments, ManyVipsAskTheWitnessesOnce) {
  EXPECT_EQ(watch_.asked(kLink, at(0)), Step::kBegin);
  EXPECT_EQ(watch_.asked(kLink, at(0)), Step::kNothing);
  EXPECT_EQ(watch_.asked(kLink, at(20)), Step::kAsk);
  EXPECT_EQ(watch_.asked(kLink, at(21)), Step::kNothing);
}

TEST_F(Segments, ASilentOneIsAskedAtLeisure) {
  EXPECT_TRUE(silent_after({0, 20, 40}));
  EXPECT_EQ(watch_.asked(kLink, at(60)), Step::kNothing);
  EXPECT_EQ(watch_.asked(kLink, at(300)), Step::kAsk);
}

TEST_F(Segments, AnotherInquiryFindsItsOwnWitnesses) {
  EXPECT_FALSE(silent_after({0, 20}));
  EXPECT_EQ(watch_.asked(kLink, at(3'000)), Step::kBegin);
  EXPECT_FALSE(silent_after({3'020}));
  EXPECT_TRUE(silent_after({3'040}));
}

TEST(Witnesses, AreConfirmedMachinesThatAreNoDirectors) {
  const auto ip = [](const char* text) { return IpAddress::parse(text).value(); };
  constexpr HardwareAddress kDirector{2, 0, 0, 0, 0, 1};
  constexpr HardwareAddress kServer{2, 0, 0, 0, 0, 2};
  constexpr HardwareAddress kGone{2, 0, 0, 0, 0, 3};
  const std::vector<netlink::ObservedNeighbour> neighbours{
      {ip("192.0.2.11"), kDirector, false}, {ip("192.0.2.99"), kDirector, true},
      {ip("192.0.2.21"), kServer, true},    {ip("192.0.2.22"), kGone, false},
      {ip("fe80::1"), kDirector, true},     {ip("2001:db8::21"), kServer, true}};
  const auto elected = [&](const IpAddress& address) { return address == ip("192.0.2.11"); };
  EXPECT_THAT(choose_witnesses(neighbours, Family::kV4, elected),
              ::testing::ElementsAre(ip("192.0.2.21")));
  EXPECT_THAT(choose_witnesses(neighbours, Family::kV6, elected),
              ::testing::ElementsAre(ip("2001:db8::21")));
}

}  // namespace
}  // namespace lvs
