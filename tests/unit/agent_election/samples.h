// Heartbeats and keys as the tests of agent/election use them.
#pragma once

#include <string>

#include "agent/election/heartbeat_keys.h"
#include "core/election/heartbeat.h"

namespace lvs::testing {

[[nodiscard]] IpAddress ip(const std::string& text);
// "02:00:00:00:00:NN".
[[nodiscard]] HardwareAddress hardware(std::uint8_t last);

// A little of everything.
[[nodiscard]] Heartbeat small_heartbeat();
// The largest that the election makes: 64 VIPs of unlike IPv6 networks, terms of 64 bits, names of
// 63 bytes, eight other directors.
[[nodiscard]] Heartbeat large_heartbeat();
// As on a real cluster: 64 VIPs of one network, short names, eight other directors.
[[nodiscard]] Heartbeat usual_heartbeat(Family family);

inline constexpr const char* kKeyOne = "1:000102030405060708090a0b0c0d0e0f";
inline constexpr const char* kKeyTwo =
    "2:ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";
[[nodiscard]] HeartbeatKeyRing ring(const std::string& text = kKeyOne);

}  // namespace lvs::testing
