#include "core/health/in_path.h"

#include <gtest/gtest.h>

#include "core/health/health_board.h"

namespace lvs {
namespace {

const ProbeResult kSilence{
    false, "no answer within 1000 ms (connecting)", {}, ProbeFailure::kSilent};
const ProbeResult kRefusal{false, "connecting: Connection refused", {}, ProbeFailure::kRefused};
const ProbeResult kWrong{false, "HTTP status 500, expected 200-299", {}, ProbeFailure::kOther};
const ProbeResult kWell{true, "", {}, ProbeFailure::kOther};

CheckedServer server(const std::string& own = "192.0.2.7", const std::string& vip = "192.0.2.1") {
  const auto ip = [](const std::string& text) { return IpAddress::parse(text).value(); };
  HealthCheckSpec check;
  check.fall = 2;
  return {ip(own), 80, check, InPathRoute{ip(vip), {0x4d000000, ip(own)}}};
}

TEST(InPath, TheOwnAddressIsNotKnownYet) {
  EXPECT_EQ(explain_in_path(server(), kSilence, std::nullopt),
            "through 192.0.2.1:80: no answer within 1000 ms (connecting)");
}

TEST(InPath, NobodyAnswersForTheVip) {
  EXPECT_EQ(explain_in_path(server(), kSilence, kWell),
            "through 192.0.2.1:80: no answer within 1000 ms (connecting); on its own address "
            "192.0.2.7:80 it answers: is the VIP on the server's lo?");
  EXPECT_EQ(explain_in_path(server("2001:db8::7", "2001:db8::1"), kSilence, kWell),
            "through [2001:db8::1]:80: no answer within 1000 ms (connecting); on its own address "
            "[2001:db8::7]:80 it answers: is the VIP on the server's lo?");
}

TEST(InPath, ListensOnItsOwnAddressOnly) {
  EXPECT_EQ(explain_in_path(server(), kRefusal, kWell),
            "through 192.0.2.1:80: connecting: Connection refused; on its own address "
            "192.0.2.7:80 it answers: it listens there only, not on the VIP");
}

TEST(InPath, AnswersOtherwiseOnItsOwnAddress) {
  EXPECT_EQ(explain_in_path(server(), kWrong, kWell),
            "through 192.0.2.1:80: HTTP status 500, expected 200-299; on its own address "
            "192.0.2.7:80 it answers as wanted");
}

TEST(InPath, TheServiceItselfIsDown) {
  EXPECT_EQ(explain_in_path(server(), kRefusal, kRefusal),
            "through 192.0.2.1:80: connecting: Connection refused; also on its own address "
            "192.0.2.7:80");
  EXPECT_EQ(explain_in_path(server(), kSilence, kRefusal),
            "through 192.0.2.1:80: no answer within 1000 ms (connecting); also on its own address "
            "192.0.2.7:80: connecting: Connection refused");
}

class InPathBoard : public testing::Test {
 protected:
  InPathBoard() { board.watch(kService, {server()}, now); }

  // One probe; the reason after it, "" while the server is not unhealthy, "=" when nothing is told.
  std::string probe(const ProbeResult& through, const ProbeResult& own) {
    now = *board.next_due();
    (void)board.take_due(now, 1);
    const bool told = !board.record(server(), through, now).empty();
    if (!through.healthy) board.record_own(server(), own);
    return told ? board.health_of(kService).begin()->second.why : "=";
  }

  const ServiceKey kService{IpAddress::parse("192.0.2.1").value(), Protocol::kTcp, 80, 0};
  TimePoint now{Duration{1'000'000}};
  HealthBoard board;
};

TEST_F(InPathBoard, TheReasonHasTheCauseWhenTheServerGoesOut) {
  EXPECT_EQ(probe(kSilence, kWell), "=");
  EXPECT_EQ(probe(kSilence, kWell), explain_in_path(server(), kSilence, kWell));
  EXPECT_EQ(probe(kSilence, kWell), "=") << "nothing new";
}

TEST_F(InPathBoard, TheReasonFollowsTheCauseWhileItStaysOut) {
  probe(kSilence, kWell);
  probe(kSilence, kWell);
  EXPECT_EQ(probe(kRefusal, kRefusal), "=");
  EXPECT_EQ(probe(kRefusal, kRefusal), "=");
  EXPECT_EQ(probe(kRefusal, kRefusal), explain_in_path(server(), kRefusal, kRefusal));
}

TEST_F(InPathBoard, ASuccessForgetsWhatTheOwnAddressSaid) {
  probe(kSilence, kWell);
  probe(kWell, kWell);
  EXPECT_EQ(probe(kRefusal, kWell), "=");
  EXPECT_EQ(probe(kRefusal, kWell), explain_in_path(server(), kRefusal, kWell));
}

}  // namespace
}  // namespace lvs
