// Reads numbers in network byte order from bytes that may be anything. After the first read beyond
// the end every value is zero or empty and ok() is false: check once, at the end.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

namespace lvs {

class ByteReader {
 public:
  explicit ByteReader(std::span<const std::uint8_t> bytes) : rest_(bytes) {}

  [[nodiscard]] bool ok() const { return ok_; }
  // Nothing is left and nothing was missing.
  [[nodiscard]] bool finished() const { return ok_ && rest_.empty(); }

  std::span<const std::uint8_t> bytes(std::size_t count) {
    if (!ok_ || count > rest_.size()) {
      ok_ = false;
      return {};
    }
    const auto taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }

  // `target` stays as it is where bytes are missing.
  template <std::size_t count>
  void fill(std::span<std::uint8_t, count> target) {
    const auto taken = bytes(target.size());
    std::copy(taken.begin(), taken.end(), target.begin());
  }

  std::uint64_t number(std::size_t byte_count) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : bytes(byte_count)) value = value << 8 | byte;
    return value;
  }
  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() { return number(8); }

  // Seven bits a byte, the low ones first; more than 64 bits is an error.
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const std::uint8_t byte = u8();
      if (shift == 63 && byte > 1) break;
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) return value;
    }
    ok_ = false;
    return 0;
  }

 private:
  std::span<const std::uint8_t> rest_;
  bool ok_ = true;
};

}  // namespace lvs
