// Any bytes as an Ethernet frame: a word about an address, or nothing, never a crash. For IPv6 the
// right checksum is put in, which no fuzzer would find.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "agent/election/neighbour_frames.h"

namespace lvs {
namespace {

constexpr HardwareAddress kOwn{2, 0, 0, 0, 0, 1};
constexpr std::size_t kMessage = 14 + 40;

void read_frame(FrameView frame) {
  const auto word = read_neighbour_frame(frame, kOwn);
  if (!word) return;
  const bool plausible = word->from != kOwn && word->from != HardwareAddress{} &&
                         (word->from[0] & 1) == 0 && !word->address.is_unspecified();
  if (!plausible) std::abort();
}

void read_with_checksum(Frame frame) {
  if (frame.size() < kMessage + 4) return;
  const std::size_t size = static_cast<std::size_t>(frame[18] << 8 | frame[19]);
  if (size < 4 || size > frame.size() - kMessage) return;
  IpAddress::Bytes from{};
  IpAddress::Bytes to{};
  std::memcpy(from.data(), &frame[22], from.size());
  std::memcpy(to.data(), &frame[38], to.size());
  frame[kMessage + 2] = frame[kMessage + 3] = 0;
  const auto checksum = icmp6_checksum(from, to, FrameView(frame).subspan(kMessage, size));
  frame[kMessage + 2] = static_cast<std::uint8_t>(checksum >> 8);
  frame[kMessage + 3] = static_cast<std::uint8_t>(checksum);
  read_frame(frame);
}

}  // namespace
}  // namespace lvs

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  lvs::read_frame({data, size});
  lvs::read_with_checksum({data, data + size});
  return 0;
}
