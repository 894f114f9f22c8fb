#include "agent/health/echo_message.h"

#include <algorithm>
#include <array>

namespace lvs {
namespace {

constexpr std::size_t kEchoHeader = 8;
constexpr std::uint8_t kRequestV4 = 8;
constexpr std::uint8_t kReplyV4 = 0;
constexpr std::uint8_t kRequestV6 = 128;
constexpr std::uint8_t kReplyV6 = 129;

std::uint8_t byte_of(std::uint32_t value, unsigned shift) {
  return static_cast<std::uint8_t>(value >> shift & 0xffU);
}

// RFC 1071, of an even number of bytes.
std::uint16_t checksum(std::span<const std::uint8_t> bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    sum += static_cast<std::uint32_t>(bytes[i]) << 8U | bytes[i + 1];
  }
  sum = (sum & 0xffffU) + (sum >> 16U);
  sum += sum >> 16U;
  return static_cast<std::uint16_t>(~sum & 0xffffU);
}

}  // namespace

std::vector<std::uint8_t> encode_echo(Family family, std::uint32_t token) {
  std::vector<std::uint8_t> out{family == Family::kV4 ? kRequestV4 : kRequestV6,
                                0,
                                0,
                                0,
                                byte_of(token, 24),
                                byte_of(token, 16),
                                byte_of(token, 8),
                                byte_of(token, 0)};
  if (family == Family::kV4) {
    const std::uint16_t sum = checksum(out);
    out[2] = byte_of(sum, 8);
    out[3] = byte_of(sum, 0);
  }
  return out;
}

bool is_echo_reply(std::span<const std::uint8_t> bytes, Family family, std::uint32_t token) {
  if (family == Family::kV4) {
    if (bytes.empty()) return false;
    const std::size_t header = (bytes[0] & 0xfU) * std::size_t{4};
    if (bytes.size() < header) return false;
    bytes = bytes.subspan(header);
  }
  if (bytes.size() < kEchoHeader) return false;
  const std::array<std::uint8_t, 4> expected{byte_of(token, 24), byte_of(token, 16),
                                             byte_of(token, 8), byte_of(token, 0)};
  return bytes[0] == (family == Family::kV4 ? kReplyV4 : kReplyV6) &&
         std::equal(expected.begin(), expected.end(), bytes.begin() + 4);
}

}  // namespace lvs
