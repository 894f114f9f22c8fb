// Content hashes that can be kept up to date at the cost of the change.
//
// A plan is a set of entries; its hash is the sum of its entries' hashes, so that adding, removing
// or changing one entry among 100,000 is one subtraction and one addition. The hash guards against
// mistakes and lost updates, not against an adversary: both ends are authenticated by mTLS.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lvs {

struct ContentHash {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  ContentHash& operator+=(const ContentHash& other) {
    high += other.high;
    low += other.low;
    return *this;
  }
  ContentHash& operator-=(const ContentHash& other) {
    high -= other.high;
    low -= other.low;
    return *this;
  }
  // 32 hexadecimal digits.
  [[nodiscard]] std::string to_string() const;
  static Result<ContentHash> parse(std::string_view text);

  friend auto operator<=>(const ContentHash&, const ContentHash&) = default;
};

// Two independent 64-bit lanes over a stream of fields. Strings carry their length, so that
// ("ab","c") and ("a","bc") differ.
class Hasher {
 public:
  void add(std::uint64_t value);
  void add_bytes(const void* data, std::size_t size);
  void add_string(std::string_view text);
  [[nodiscard]] ContentHash finish() const;

 private:
  std::uint64_t high_ = 0x9e3779b97f4a7c15ULL;
  std::uint64_t low_ = 0xc2b2ae3d27d4eb4fULL;
};

}  // namespace lvs
