#include "agent/election/heartbeat_codec.h"

#include <gtest/gtest.h>

#include "samples.h"

namespace lvs {
namespace {

using testing::large_heartbeat;
using testing::small_heartbeat;

// Boot and sequence travel in the header.
Heartbeat without_header(Heartbeat heartbeat) {
  heartbeat.boot = 0;
  heartbeat.sequence = 0;
  return heartbeat;
}

TEST(HeartbeatCodec, WhatIsWrittenIsRead) {
  for (const Heartbeat& heartbeat : {small_heartbeat(), large_heartbeat()}) {
    const auto body = encode_heartbeat(heartbeat);
    ASSERT_TRUE(body) << body.error().message;
    const auto read = decode_heartbeat(*body);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, without_header(heartbeat));
  }
}

TEST(HeartbeatCodec, AHeartbeatWithNothingInIt) {
  Heartbeat heartbeat;
  heartbeat.node = "d1";
  EXPECT_EQ(decode_heartbeat(*encode_heartbeat(heartbeat)).value(), heartbeat);
}

TEST(HeartbeatCodec, TruncatedAnywhereIsRefused) {
  const auto body = encode_heartbeat(small_heartbeat()).value();
  for (std::size_t size = 0; size < body.size(); ++size) {
    EXPECT_FALSE(decode_heartbeat(std::span(body).first(size))) << size;
  }
}

TEST(HeartbeatCodec, BytesAfterTheEndAreRefused) {
  auto body = encode_heartbeat(small_heartbeat()).value();
  body.push_back(0);
  EXPECT_EQ(decode_heartbeat(body).error().code, ErrorCode::kCorrupt);
}

TEST(HeartbeatCodec, AnyChangedByteIsAnErrorOrAnotherHeartbeat) {
  const auto body = encode_heartbeat(small_heartbeat()).value();
  for (std::size_t i = 0; i < body.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      auto changed = body;
      changed[i] = static_cast<std::uint8_t>(changed[i] ^ (1 << bit));
      const auto read = decode_heartbeat(changed);
      EXPECT_FALSE(read && *read == without_header(small_heartbeat())) << i;
    }
  }
}

TEST(HeartbeatCodec, NamesAreBounded) {
  Heartbeat heartbeat = small_heartbeat();
  heartbeat.node.clear();
  EXPECT_EQ(encode_heartbeat(heartbeat).error().code, ErrorCode::kInvalidArgument);
  heartbeat.node.assign(kMaxHeartbeatName, 'a');
  EXPECT_TRUE(encode_heartbeat(heartbeat));
  heartbeat.node.push_back('a');
  EXPECT_EQ(encode_heartbeat(heartbeat).error().code, ErrorCode::kInvalidArgument);
}

TEST(HeartbeatCodec, ListsAreBounded) {
  Heartbeat heartbeat = small_heartbeat();
  heartbeat.vips.resize(kMaxHeartbeatList);
  EXPECT_TRUE(encode_heartbeat(heartbeat));
  heartbeat.vips.resize(kMaxHeartbeatList + 1);
  EXPECT_FALSE(encode_heartbeat(heartbeat));
}

TEST(HeartbeatCodec, ANegativeTimeIsNone) {
  Heartbeat heartbeat = small_heartbeat();
  heartbeat.echoes[0].held = Duration{-5};
  EXPECT_EQ(decode_heartbeat(*encode_heartbeat(heartbeat))->echoes[0].held, Duration{0});
}

}  // namespace
}  // namespace lvs
