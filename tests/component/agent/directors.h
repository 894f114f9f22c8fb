// One director among others that the test plays: what it says, and what its kernel holds.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/component/agent/harness.h"

namespace lvs::testing {

inline const IpAddress kShared = ip("192.0.2.1");
inline const IpAddress kPeer = ip("192.0.2.11");
inline constexpr HardwareAddress kPeersHardware{2, 0, 0, 0, 0, 11};

inline NodePlan shared_plan(const std::vector<std::string>& candidates) {
  NodePlan plan = director_plan();
  plan.vips[kShared].candidates = candidates;
  plan.directors["a"] = {{ip("192.0.2.10")}};
  plan.directors["b"] = {{kPeer}};
  return plan;
}

inline std::optional<ObservedAddress> address_on_uplink(Machine& machine) {
  const auto network = machine.kernel.dump_network().value();
  const auto at =
      std::find_if(network.addresses.begin(), network.addresses.end(),
                   [](const auto& a) { return a.address == kShared && a.interface == "eth0"; });
  return at == network.addresses.end() ? std::nullopt : std::optional(*at);
}

class Directors : public ::testing::Test {
 protected:
  void start(const std::vector<std::string>& candidates) {
    machine.has_ports = true;
    machine.start_agent();
    machine.put(shared_plan(candidates));
  }

  // Director b speaks, all the while.
  void pass_with_peer(Duration time, Claim claim, std::uint64_t term) {
    for (Duration passed{0}; passed < time; passed += Duration{50}) {
      Heartbeat heartbeat{"b", 7, ++sequence, {kPeersHardware}, true, true, {}, {}};
      heartbeat.vips = {{kShared, claim, term, true, false, {}}};
      machine.loop().post(ElectionHeard{HeartbeatReceived{heartbeat}});
      machine.clock.advance(Duration{50});
      machine.settle();
    }
  }

  Machine machine;
  std::uint64_t sequence = 0;
};

}  // namespace lvs::testing
