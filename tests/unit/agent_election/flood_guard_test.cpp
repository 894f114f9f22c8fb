#include "agent/election/flood_guard.h"

#include <gtest/gtest.h>

#include "samples.h"

namespace lvs {
namespace {

using testing::ip;

class FloodGuards : public ::testing::Test {
 protected:
  FloodGuards() { guard_.set_peers({ip("192.0.2.1"), ip("2001:db8::1")}); }

  // 50,000 a second for two seconds; how many were worth an HMAC.
  int flood(const std::string& from, std::uint64_t boot) {
    int admitted = 0;
    for (int i = 0; i < 100'000; ++i) {
      if (guard_.admit(ip(from), boot, now_ + Duration{i / 50})) ++admitted;
    }
    now_ += Duration{1'999};  // when the last one came
    return admitted;
  }

  FloodGuard guard_;
  TimePoint now_{Duration{1'000}};
};

TEST_F(FloodGuards, StrangersShareOneBucket) {
  EXPECT_NEAR(flood("203.0.113.9", 1), 3 * FloodGuard::kStrangers, 2);
  EXPECT_FALSE(guard_.admit(ip("203.0.113.10"), 1, now_));
  EXPECT_TRUE(guard_.admit(ip("192.0.2.1"), 1, now_));
}

TEST_F(FloodGuards, WhoFloodsInAPeersNameDoesNotSilenceIt) {
  guard_.learn(ip("192.0.2.1"), 77);
  EXPECT_NEAR(flood("192.0.2.1", 5), 3 * FloodGuard::kPeerUnfamiliar, 2);
  EXPECT_FALSE(guard_.admit(ip("192.0.2.1"), 5, now_));
  EXPECT_TRUE(guard_.admit(ip("192.0.2.1"), 77, now_));
}

TEST_F(FloodGuards, ABurstOfNewsPasses) {
  guard_.learn(ip("2001:db8::1"), 77);
  for (int i = 0; i < 500; ++i) EXPECT_TRUE(guard_.admit(ip("2001:db8::1"), 77, now_));
}

TEST_F(FloodGuards, WhatWasLearntStaysWithThePeersThatStay) {
  guard_.learn(ip("192.0.2.1"), 77);
  guard_.learn(ip("203.0.113.9"), 78);
  guard_.set_peers({ip("192.0.2.1")});
  (void)flood("192.0.2.1", 5);
  EXPECT_TRUE(guard_.admit(ip("192.0.2.1"), 77, now_));
  EXPECT_FALSE(guard_.is_peer(ip("2001:db8::1")));
}

}  // namespace
}  // namespace lvs
