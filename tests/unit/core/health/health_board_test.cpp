#include "core/health/health_board.h"

#include <gtest/gtest.h>

namespace lvs {
namespace {

const TimePoint kStart{Duration{1'000'000}};

ServiceKey service(std::uint16_t port) {
  return {IpAddress::parse("192.0.2.1").value(), Protocol::kTcp, port, 0};
}

CheckedServer server(const std::string& address, Duration interval = Duration{1'000}) {
  HealthCheckSpec check;
  check.interval = interval;
  return {IpAddress::parse(address).value(), 80, check};
}

class HealthBoardTest : public testing::Test {
 protected:
  // Until `until`, each probe answered the moment it is due. The times of all of them.
  std::vector<TimePoint> answer_until(TimePoint until, bool healthy) {
    std::vector<TimePoint> times;
    for (auto due = board.next_due(); due && *due < until; due = board.next_due()) {
      now = std::max(now, *due);
      for (const auto& [each, since] : board.take_due(now, 100)) {
        EXPECT_EQ(since, now);
        times.push_back(now);
        for (const ServiceKey& key : board.record(each, {healthy, "refused", {}}, now)) {
          told.push_back(key);
        }
      }
    }
    return times;
  }

  HealthBoard board;
  TimePoint now = kStart;
  std::vector<ServiceKey> told;
};

TEST_F(HealthBoardTest, ProbesOncePerInterval) {
  board.watch(service(80), {server("192.0.2.7")}, kStart);
  const auto times = answer_until(kStart + Duration{10'000}, true);
  ASSERT_EQ(times.size(), 10U);
  EXPECT_LT(times.front(), kStart + Duration{1'000});
  for (std::size_t i = 1; i < times.size(); ++i) {
    EXPECT_EQ(times[i] - times[i - 1], Duration{1'000});
  }
}

TEST_F(HealthBoardTest, ManyFirstProbesAreSpreadOverAnInterval) {
  std::set<CheckedServer> servers;
  for (int i = 0; i < 200; ++i) servers.insert(server("192.0.2." + std::to_string(i)));
  board.watch(service(80), servers, kStart);
  const auto in_a_tenth = board.take_due(kStart + Duration{100}, 1'000).size();
  EXPECT_GT(in_a_tenth, 5U);
  EXPECT_LT(in_a_tenth, 50U);
}

TEST_F(HealthBoardTest, ServicesThatAskTheSameShareACheck) {
  board.watch(service(80), {server("192.0.2.7")}, kStart);
  board.watch(service(81), {server("192.0.2.7")}, kStart);
  EXPECT_EQ(board.size(), 1U);
  EXPECT_EQ(answer_until(kStart + Duration{5'000}, false).size(), 5U);
  EXPECT_EQ(told, (std::vector<ServiceKey>{service(80), service(81)}));
  const PoolHealth refused{{server("192.0.2.7").address, {HealthState::kUnhealthy, "refused"}}};
  EXPECT_EQ(board.health_of(service(80)), refused);
  EXPECT_EQ(board.health_of(service(81)), refused);
  board.watch(service(80), {}, now);
  EXPECT_EQ(board.size(), 1U);
  board.watch(service(81), {}, now);
  EXPECT_EQ(board.size(), 0U);
  EXPECT_EQ(board.next_due(), std::nullopt);
}

TEST_F(HealthBoardTest, AChangeOfOneServerLeavesTheOthersAsTheyAre) {
  board.watch(service(80), {server("192.0.2.7"), server("192.0.2.8")}, kStart);
  answer_until(kStart + Duration{5'000}, false);
  board.watch(service(80), {server("192.0.2.7"), server("192.0.2.9")}, now);
  const PoolHealth expected{{server("192.0.2.7").address, {HealthState::kUnhealthy, "refused"}},
                            {server("192.0.2.9").address, {}}};
  EXPECT_EQ(board.health_of(service(80)), expected);
}

// Another interval is another check: what the old one found does not count.
TEST_F(HealthBoardTest, AnotherCheckBeginsAnew) {
  board.watch(service(80), {server("192.0.2.7")}, kStart);
  answer_until(kStart + Duration{5'000}, true);
  board.watch(service(80), {server("192.0.2.7", Duration{500})}, now);
  EXPECT_EQ(board.health_of(service(80)), (PoolHealth{{server("192.0.2.7").address, {}}}));
}

// Between two states the next probe comes sooner; what is settled is asked at its pace.
TEST_F(HealthBoardTest, InTransitionProbesComeFaster) {
  CheckedServer fast = server("192.0.2.7");
  fast.check.fast_interval = Duration{100};
  board.watch(service(80), {fast}, kStart);
  const auto up = answer_until(kStart + Duration{5'000}, true);
  EXPECT_EQ(up.size(), 5U);
  const auto down = answer_until(kStart + Duration{10'000}, false);
  ASSERT_EQ(down.size(), 7U);
  EXPECT_EQ(down[1] - down[0], Duration{100});
  EXPECT_EQ(down[2] - down[1], Duration{100});
  EXPECT_EQ(down[3] - down[2], Duration{1'000});
}

TEST_F(HealthBoardTest, AServerIsProbedOnceAtATime) {
  board.watch(service(80), {server("192.0.2.7")}, kStart);
  ASSERT_EQ(board.take_due(kStart + Duration{1'000}, 10).size(), 1U);
  EXPECT_TRUE(board.take_due(kStart + Duration{60'000}, 10).empty());
  // Late: the next one begins at once, and then again in time.
  EXPECT_TRUE(
      board.record(server("192.0.2.7"), {false, "slow", {}}, kStart + Duration{60'000}).empty());
  EXPECT_EQ(board.take_due(kStart + Duration{60'000}, 10).size(), 1U);
  EXPECT_TRUE(
      board.record(server("192.0.2.7"), {false, "slow", {}}, kStart + Duration{60'001}).empty());
  EXPECT_EQ(board.next_due(), kStart + Duration{61'000});
}

TEST_F(HealthBoardTest, AResultThatComesTooLateIsNobodys) {
  board.watch(service(80), {server("192.0.2.7")}, kStart);
  ASSERT_EQ(board.take_due(kStart + Duration{1'000}, 10).size(), 1U);
  board.watch(service(80), {}, kStart);
  EXPECT_TRUE(board.record(server("192.0.2.7"), {true, "", {}}, now).empty());
}

TEST_F(HealthBoardTest, TakesAtMostAsManyAsAreAskedFor) {
  board.watch(service(80), {server("192.0.2.7"), server("192.0.2.8"), server("192.0.2.9")}, kStart);
  EXPECT_EQ(board.take_due(kStart + Duration{1'000}, 2).size(), 2U);
  EXPECT_EQ(board.take_due(kStart + Duration{1'000}, 2).size(), 1U);
}

}  // namespace
}  // namespace lvs
