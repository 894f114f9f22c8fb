// Any bytes as a heartbeat: once as a datagram from a stranger, once as the body behind a right
// HMAC. What is read and written again must read the same; no byte of a stranger is believed.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "agent/election/heartbeat_datagram.h"

namespace lvs {
namespace {

void check(bool held) {
  if (!held) std::abort();
}

HeartbeatKeyRing& keys() {
  static auto ring = HeartbeatKeyRing::parse("1:000102030405060708090a0b0c0d0e0f");
  return *ring;
}

void read_body(std::span<const std::uint8_t> body) {
  const auto heartbeat = decode_heartbeat(body);
  if (!heartbeat) return;
  const auto written = encode_heartbeat(*heartbeat);
  check(written && written->size() <= body.size());
  check(decode_heartbeat(*written) == *heartbeat);
}

// The parts in whatever order and number the first bytes say.
void put_together(std::span<const std::uint8_t> bytes) {
  HeartbeatAssembler assembler;
  while (bytes.size() > 4) {
    HeartbeatPart part;
    part.boot = bytes[0];
    part.sequence = bytes[1];
    part.parts = static_cast<std::uint8_t>(1 + bytes[2] % kMaxDatagramParts);
    part.part = static_cast<std::uint8_t>(bytes[2] / kMaxDatagramParts % part.parts);
    const std::size_t size = std::min<std::size_t>(bytes[3], bytes.size() - 4);
    const auto slice = bytes.subspan(4, size);
    part.slice.assign(slice.begin(), slice.end());
    (void)assembler.add(std::move(part));
    bytes = bytes.subspan(4 + size);
  }
}

}  // namespace
}  // namespace lvs

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span bytes(data, size);
  lvs::check(!lvs::open_datagram(bytes, lvs::keys()));
  (void)lvs::claimed_boot(bytes);
  lvs::read_body(bytes);
  lvs::put_together(bytes);
  return 0;
}
