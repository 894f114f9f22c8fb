// The counterpart of ByteReader: numbers in network byte order, appended.
#pragma once

#include <cstdint>
#include <vector>

namespace lvs {

inline void put_number(std::vector<std::uint8_t>& out, std::uint64_t value, int byte_count) {
  for (int shift = 8 * (byte_count - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

inline void put_varint(std::vector<std::uint8_t>& out, std::uint64_t value) {
  for (; value > 0x7f; value >>= 7) out.push_back(static_cast<std::uint8_t>(value | 0x80));
  out.push_back(static_cast<std::uint8_t>(value));
}

}  // namespace lvs
