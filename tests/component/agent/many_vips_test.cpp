// A director among three with a thousand VIPs: what it asks of its kernel.
#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "tests/component/agent/harness.h"

namespace lvs::testing {
namespace {

constexpr int kVips = 999;
constexpr int kOwn = kVips / 3;
constexpr Duration kBeat{50};
constexpr std::size_t kInAHeartbeat = 64;

IpAddress vip(int number) {
  const std::string host =
      std::to_string(number / 2 / 250) + "." + std::to_string(number / 2 % 250);
  return number % 2 == 0 ? ip("192.1." + host) : ip("2001:db8::1:" + std::to_string(number));
}

// The directors a, b and c are the first choice of a third each.
std::vector<std::string> candidates(int number) {
  std::vector<std::string> order{"a", "b", "c"};
  std::rotate(order.begin(), order.begin() + number % 3, order.end());
  return order;
}

NodePlan thousand_vips() {
  NodePlan plan = director_plan();
  plan.vips.clear();
  plan.services.clear();
  for (int i = 0; i < kVips; ++i) {
    plan.vips[vip(i)] = {"eth0", candidates(i)};
    const bool v4 = vip(i).family() == Family::kV4;
    add_service(plan, ServiceKey{vip(i), Protocol::kTcp, 80, 0}, "wrr",
                {{v4 ? "192.0.2.7" : "2001:db8::7", 1}});
  }
  plan.directors["a"] = {{ip("192.0.2.10")}};
  plan.directors["b"] = {{ip("192.0.2.11")}};
  plan.directors["c"] = {{ip("192.0.2.12")}};
  return plan;
}

class ManyVipsScene {
 public:
  void begin() {
    machine.has_ports = true;
    machine.start_agent();
    machine.put(thousand_vips());
  }

  // The others speak all the while, each of what is its own.
  void pass(Duration time, const std::vector<std::string>& others = {"b", "c"}) {
    for (Duration passed{0}; passed < time; passed += kBeat) {
      for (const std::string& name : others) speak(name);
      machine.clock.advance(kBeat);
      machine.settle();
    }
  }

  void speak(const std::string& name) {
    const auto hardware = static_cast<std::uint8_t>(name[0]);
    Heartbeat heartbeat{name, 7, ++sequence, {{2, 0, 0, 0, 0, hardware}}, true, true, {}, {}};
    for (int i = 0; i < kVips; ++i) {
      const bool first = candidates(i).front() == name;
      const Claim claim = first ? Claim::kHolder : Claim::kStandby;
      heartbeat.vips.push_back({vip(i), claim, 1, true, false, {}});
      if (heartbeat.vips.size() < kInAHeartbeat && i + 1 < kVips) continue;
      machine.loop().post(ElectionHeard{HeartbeatReceived{heartbeat}});
      heartbeat.vips.clear();
      heartbeat.sequence = ++sequence;
    }
  }

  int held() {
    const auto addresses = machine.kernel.dump_network().value().addresses;
    return static_cast<int>(std::count_if(addresses.begin(), addresses.end(),
                                          [](const auto& each) { return each.owned; }));
  }

  Machine machine;
  std::uint64_t sequence = 0;
};

class ManyVips : public ::testing::Test, protected ManyVipsScene {
 protected:
  ManyVips() {
    begin();
    pass(Duration{12'000});
    machine.kernel.forget_history();
  }
};

TEST_F(ManyVips, AreKeptAliveByABatchInEachThirdOfALifetime) {
  ASSERT_EQ(held(), kOwn);
  machine.kernel.forget_history();
  pass(Duration{20'000});
  const auto& operations = machine.kernel.operations();
  EXPECT_GE(operations.size(), 4U * kOwn) << "each is refreshed in time";
  EXPECT_GT(machine.loop().until_next_deadline(), Duration{0}) << "it sleeps";
  EXPECT_LE(machine.kernel.apply_calls(), 8U);
  EXPECT_LE(machine.kernel.network_dumps(), 3U) << "the look in each 10 s, and no more";
}

// A question takes 2 ms here, and time goes on for the others meanwhile.
TEST(ManyVipsOnASlowMachine, AreTakenNevertheless) {
  ManyVipsScene scene;
  Machine& machine = scene.machine;
  TimePoint next_beat = machine.clock.now();
  machine.ports.on_ask = [&] {
    machine.clock.advance(Duration{2});
    if (machine.clock.now() < next_beat) return;
    next_beat = machine.clock.now() + kBeat;
    scene.speak("b");
    scene.speak("c");
  };
  scene.begin();
  scene.pass(Duration{20'000});
  EXPECT_EQ(scene.held(), kOwn);
}

TEST_F(ManyVips, OfADeadDirectorAreTakenInAFewBatches) {
  pass(Duration{1'000}, {"c"});
  EXPECT_EQ(held(), 2 * kOwn) << "c goes before and does not come";
  EXPECT_LE(machine.kernel.apply_calls(), 40U);
  EXPECT_LE(machine.kernel.network_dumps(), 10U);
}

}  // namespace
}  // namespace lvs::testing
