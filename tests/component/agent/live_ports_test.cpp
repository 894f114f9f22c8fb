// The election's ports to the real world, as far as they say something by themselves.
#include "agent/live_ports.h"

#include <fstream>
#include <mutex>
#include <vector>

#include <gtest/gtest.h>

#include "tests/component/agent/harness.h"

namespace lvs::testing {
namespace {

constexpr HardwareAddress kFirst{2, 0, 0, 0, 0, 1};
constexpr HardwareAddress kSecond{2, 0, 0, 0, 0, 2};

VipPlace place_with(const HardwareAddress& hardware) {
  return {ObservedLink{"none0", 9'999, true, true, false, false, hardware}, ip("192.0.2.10")};
}

TEST(LivePorts, TellTheHardwareAddressOfThisNodeWheneverItIsAnotherOne) {
  const TemporaryFolder folder;
  AgentConfig config;
  config.node = "a";
  config.heartbeat_port = 0;
  config.election.leases = false;
  config.heartbeat_key_file = folder.path() + "/key";
  std::ofstream(config.heartbeat_key_file) << "1:" << std::string(64, 'a') << "\n";
  std::mutex mutex;
  std::vector<HardwareAddress> told;
  const auto ports = LivePorts::open(config, [&](const ElectionEvent& event) {
    const std::lock_guard lock(mutex);
    const auto* learnt = std::get_if<HardwareLearnt>(&event);
    if (learnt != nullptr && learnt->node == "a") told.push_back(learnt->address);
  });
  ASSERT_TRUE(ports) << ports.error().message;
  (*ports)->set_peers({{"b", {{ip("192.0.2.11")}}}});
  for (const auto& hardware : {kFirst, kFirst, kSecond}) {
    (*ports)->watch(
        {{ip("192.0.2.1"), place_with(hardware)}, {ip("192.0.2.11"), place_with(hardware)}});
  }
  const std::lock_guard lock(mutex);
  EXPECT_EQ(told, (std::vector<HardwareAddress>{kFirst, kSecond}));
}

}  // namespace
}  // namespace lvs::testing
