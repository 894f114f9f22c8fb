#include "base/hash.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>

namespace lvs {
namespace {

// The finaliser of splitmix64: every input bit reaches every output bit.
std::uint64_t mix(std::uint64_t x) {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9ULL;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebULL;
  x ^= x >> 31;
  return x;
}

constexpr std::size_t kHalfDigits = 16;

bool parse_half(std::string_view text, std::uint64_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, 16);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string ContentHash::to_string() const {
  char text[2 * kHalfDigits + 1];
  std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(high),
                static_cast<unsigned long long>(low));
  return text;
}

Result<ContentHash> ContentHash::parse(std::string_view text) {
  ContentHash hash;
  if (text.size() != 2 * kHalfDigits || !parse_half(text.substr(0, kHalfDigits), hash.high) ||
      !parse_half(text.substr(kHalfDigits), hash.low)) {
    return fail(ErrorCode::kInvalidArgument,
                "\"" + std::string(text) + "\" is not a content hash of 32 hexadecimal digits");
  }
  return hash;
}

void Hasher::add(std::uint64_t value) {
  high_ = mix(high_ ^ value) + 0x9e3779b97f4a7c15ULL;
  low_ = mix(low_ + value) ^ 0xc2b2ae3d27d4eb4fULL;
}

void Hasher::add_bytes(const void* data, std::size_t size) {
  const auto* bytes = static_cast<const unsigned char*>(data);
  for (std::size_t at = 0; at < size; at += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes + at, std::min(sizeof word, size - at));
    add(word);
  }
}

void Hasher::add_string(std::string_view text) {
  add(text.size());
  add_bytes(text.data(), text.size());
}

ContentHash Hasher::finish() const { return {mix(high_ ^ (low_ << 1)), mix(low_)}; }

}  // namespace lvs
