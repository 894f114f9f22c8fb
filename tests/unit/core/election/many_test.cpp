// A thousand VIPs on three directors: what they cost while nothing happens, and when one dies.
#include <algorithm>

#include <gtest/gtest.h>

#include "tests/unit/core/election/world.h"

namespace lvs::test {
namespace {

constexpr int kDirectors = 3;

std::vector<IpAddress> thousand_vips() {
  std::vector<IpAddress> vips;
  for (int i = 0; i < 500; ++i) {
    const std::string host = std::to_string(i / 250) + "." + std::to_string(1 + i % 250);
    vips.push_back(IpAddress::parse("10.77." + host).value());
    vips.push_back(IpAddress::parse("fd00:77::" + std::to_string(1 + i)).value());
  }
  return vips;
}

std::size_t held_once(const World& world, const std::vector<IpAddress>& vips) {
  return static_cast<std::size_t>(
      std::count_if(vips.begin(), vips.end(),
                    [&](const IpAddress& vip) { return world.holders(vip).size() == 1; }));
}

World with(const std::vector<IpAddress>& vips, Duration step) {
  WorldConfig config;
  config.step = step;
  config.nodes = kDirectors;
  config.socket_holds = 4'000;
  World world(config, vips);
  world.run(Duration{15'000});
  return world;
}

TEST(ManyVips, IdleDirectorsWriteTheirOwnLeasesAndRefreshAllAddressesTogether) {
  const auto vips = thousand_vips();
  World world = with(vips, Duration{50});
  ASSERT_EQ(held_once(world, vips), vips.size());
  const auto writes = world.api_writes;
  const auto batches = world.hold_batches;
  const Duration minute{60'000};
  world.run(minute);
  EXPECT_LE(world.api_writes - writes, 3U * 60U);
  // One batch for each director in each third of a lifetime.
  const auto rounds = static_cast<std::uint64_t>(minute / world.config().election.refresh()) + 1;
  EXPECT_LE(world.hold_batches - batches, kDirectors * rounds);
  EXPECT_EQ(held_once(world, vips), vips.size());
}

TEST(ManyVips, AllOfADeadDirectorAreTakenOverAtOnce) {
  const auto vips = thousand_vips();
  World world = with(vips, Duration{10});  // as often as news is told
  world.step({Fault::kCrash, 0, 0});
  EXPECT_LT(held_once(world, vips), 700U);
  const auto writes = world.api_writes;
  world.run(Duration{1'000});
  EXPECT_EQ(held_once(world, vips), vips.size());
  EXPECT_LE(world.api_writes - writes, 400U) << "one for each VIP that moves";
}

}  // namespace
}  // namespace lvs::test
