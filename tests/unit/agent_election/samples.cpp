#include "samples.h"

namespace lvs::testing {
namespace {

std::string name(int number, std::size_t size) {
  std::string text = "director-" + std::to_string(number);
  text.resize(std::max(size, text.size()), 'x');
  return text;
}

void add_echoes(Heartbeat& heartbeat, std::size_t name_size) {
  for (int i = 1; i <= 8; ++i) {
    heartbeat.echoes.push_back({name(i, name_size), ~std::uint64_t{0} - static_cast<unsigned>(i),
                                1'000'000, Duration{40}});
  }
}

}  // namespace

IpAddress ip(const std::string& text) { return IpAddress::parse(text).value(); }

HardwareAddress hardware(std::uint8_t last) { return {2, 0, 0, 0, 0, last}; }

Heartbeat small_heartbeat() {
  Heartbeat heartbeat;
  heartbeat.node = "d1";
  heartbeat.boot = 0x1122334455667788;
  heartbeat.sequence = 42;
  heartbeat.hardware = {hardware(1), hardware(2)};
  heartbeat.warm = true;
  heartbeat.available = true;
  heartbeat.vips = {{ip("192.0.2.1"), Claim::kHolder, 7, true, false, "d2", MoveReason::kDrained},
                    {ip("192.0.2.9"), Claim::kStandby, 300, true, true, {}},
                    {ip("2001:db8::1"), Claim::kAsking, 0, false, false, {}},
                    {ip("2001:db8::2"), Claim::kAccepting, ~std::uint64_t{0}, false, true, "d3"}};
  heartbeat.echoes = {{"d2", 5, 6, Duration{7}}, {"d1", 0, 0, Duration{0}}};
  return heartbeat;
}

Heartbeat large_heartbeat() {
  Heartbeat heartbeat;
  heartbeat.node = name(0, 63);
  heartbeat.boot = 1;
  heartbeat.sequence = 1;
  heartbeat.hardware.assign(32, hardware(1));
  for (std::uint8_t i = 0; i < 64; ++i) {
    IpAddress::Bytes bytes{};
    bytes.fill(static_cast<std::uint8_t>(i * 3 + 1));
    heartbeat.vips.push_back({IpAddress(Family::kV6, bytes), Claim::kHolder, ~std::uint64_t{0} - i,
                              true, true, name(1 + i % 8, 63)});
  }
  add_echoes(heartbeat, 63);
  return heartbeat;
}

Heartbeat usual_heartbeat(Family family) {
  Heartbeat heartbeat;
  heartbeat.node = name(0, 16);
  heartbeat.boot = 1;
  heartbeat.sequence = 1'000'000;
  heartbeat.hardware = {hardware(1)};
  for (int i = 0; i < 64; ++i) {
    const std::string prefix = family == Family::kV4 ? "198.51.100." : "2001:db8:1:2::";
    heartbeat.vips.push_back(
        {ip(prefix + std::to_string(100 + i)), Claim::kStandby, 900, true, false, {}});
  }
  add_echoes(heartbeat, 16);
  return heartbeat;
}

HeartbeatKeyRing ring(const std::string& text) {
  return std::move(HeartbeatKeyRing::parse(text).value());
}

}  // namespace lvs::testing
