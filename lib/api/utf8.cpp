#include "api/utf8.h"

#include <algorithm>

namespace lvs {
namespace {

unsigned byte_of(char c) { return static_cast<unsigned char>(c); }

// The bytes of a character that begins with this one; 0: none does.
std::size_t length_of(unsigned first) {
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

// Longer than it need be, a surrogate, or beyond the last character.
bool is_out_of_range(unsigned first, unsigned second) {
  return (first == 0xe0 && second < 0xa0) || (first == 0xed && second >= 0xa0) ||
         (first == 0xf0 && second < 0x90) || (first == 0xf4 && second >= 0x90);
}

}  // namespace

std::size_t find_no_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::string_view rest = text.substr(at);
    const std::size_t length = length_of(byte_of(rest.front()));
    if (length == 0 || length > rest.size()) return at;
    const std::string_view tail = rest.substr(1, length - 1);
    const bool continued =
        std::all_of(tail.begin(), tail.end(), [](char c) { return (byte_of(c) & 0xc0U) == 0x80; });
    if (!continued) return at;
    if (!tail.empty() && is_out_of_range(byte_of(rest.front()), byte_of(tail.front()))) return at;
    at += length;
  }
  return std::string_view::npos;
}

}  // namespace lvs
