#include "cli/frames.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lvs::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr Mac kClientMac{2, 0, 0, 0, 0, 0x50};
constexpr Mac kDirectorMac{2, 0, 0, 0, 0, 0x10};
constexpr Mac kServerMac{2, 0, 0, 0, 0, 0x21};

IpAddress ip(const char* text) { return IpAddress::parse(text).value(); }

const Endpoint kService4{ip("192.0.2.100"), 80};
const Endpoint kClient4{ip("192.0.2.50"), 40'000};
const Endpoint kService6{ip("2001:db8::100"), 80};
const Endpoint kClient6{ip("2001:db8::50"), 40'000};

using Frame = std::vector<std::uint8_t>;

void put(Frame& frame, const IpAddress& address) {
  const auto bytes = std::span(address.bytes()).first(address.byte_count());
  frame.insert(frame.end(), bytes.begin(), bytes.end());
}
void put(Frame& frame, std::uint16_t number) {
  frame.push_back(static_cast<std::uint8_t>(number >> 8U));
  frame.push_back(static_cast<std::uint8_t>(number & 0xffU));
}

Frame tcp(const Mac& source, const Mac& destination, const Endpoint& from, const Endpoint& to) {
  Frame frame(destination.begin(), destination.end());
  frame.insert(frame.end(), source.begin(), source.end());
  const bool v4 = from.address.family() == Family::kV4;
  put(frame, v4 ? std::uint16_t{0x0800} : std::uint16_t{0x86dd});
  Frame header(v4 ? 12 : 8, 0);
  header[0] = v4 ? 0x45 : 0x60;
  header[v4 ? 9 : 6] = 6;
  frame.insert(frame.end(), header.begin(), header.end());
  put(frame, from.address);
  put(frame, to.address);
  put(frame, from.port);
  put(frame, to.port);
  return frame;
}

FrameCounts exchange(const Mac& answers_from) {
  FrameCounts counts;
  count_frame(tcp(kClientMac, kDirectorMac, kClient4, kService4), kService4, counts);
  count_frame(tcp(answers_from, kClientMac, kService4, kClient4), kService4, counts);
  return counts;
}

TEST(Frames, AreCountedByTheHardwareOfTheOtherSide) {
  EXPECT_EQ(exchange(kServerMac), (FrameCounts{{{kDirectorMac, 1}}, {{kServerMac, 1}}}));
  FrameCounts counts;
  count_frame(tcp(kClientMac, kDirectorMac, kClient6, kService6), kService6, counts);
  count_frame(tcp(kServerMac, kClientMac, kService6, kClient6), kService6, counts);
  EXPECT_EQ(counts, (FrameCounts{{{kDirectorMac, 1}}, {{kServerMac, 1}}}));
}

TEST(Frames, OthersArePassedOver) {
  FrameCounts counts;
  const Endpoint other_port{kService4.address, 443};
  count_frame(tcp(kClientMac, kDirectorMac, kClient4, other_port), kService4, counts);
  Frame udp = tcp(kClientMac, kDirectorMac, kClient4, kService4);
  udp[14 + 9] = 17;
  count_frame(udp, kService4, counts);
  EXPECT_EQ(counts, FrameCounts{});
}

TEST(Frames, EveryTruncationIsPassedOver) {
  for (const Frame& whole : {tcp(kClientMac, kDirectorMac, kClient4, kService4),
                             tcp(kClientMac, kDirectorMac, kClient6, kService6)}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      FrameCounts counts;
      count_frame(std::span(whole).first(size), kService4, counts);
      count_frame(std::span(whole).first(size), kService6, counts);
      EXPECT_EQ(counts, FrameCounts{}) << size;
    }
  }
}

TEST(DsrVerify, HoldsWhenAnswersComeFromElsewhere) {
  const auto verdict = judge_dsr(exchange(kServerMac), {{kDirectorMac, "192.0.2.100"}}, false);
  EXPECT_TRUE(verdict.holds);
  EXPECT_EQ(verdict.text,
            "HARDWARE           ADDRESS      REQUEST FRAMES TO  ANSWER FRAMES FROM\n"
            "02:00:00:00:00:10  192.0.2.100  1                  -\n"
            "02:00:00:00:00:21  -            -                  1\n"
            "holds: every answer comes from other hardware than the one that was asked\n");
}

TEST(DsrVerify, DoesNotHoldWhenTheDirectorPassesThem) {
  const auto verdict = judge_dsr(exchange(kDirectorMac), {}, false);
  EXPECT_FALSE(verdict.holds);
  EXPECT_THAT(verdict.text,
              HasSubstr("does not hold: answers come from the hardware that was asked"));
}

TEST(DsrVerify, SilenceProvesNothing) {
  const auto verdict = judge_dsr({}, {}, false);
  EXPECT_FALSE(verdict.holds);
  EXPECT_THAT(verdict.text, StartsWith("does not hold: no answer was seen"));
}

}  // namespace
}  // namespace lvs::cli
