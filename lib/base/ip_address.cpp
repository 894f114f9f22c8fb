#include "base/ip_address.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <arpa/inet.h>
#include <endian.h>

#include "base/hash.h"

namespace lvs {
namespace {

int native_family(Family family) { return family == Family::kV4 ? AF_INET : AF_INET6; }

bool is_v4_mapped(const IpAddress::Bytes& bytes) {
  static constexpr std::array<std::uint8_t, 12> kPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return std::equal(kPrefix.begin(), kPrefix.end(), bytes.begin());
}

// inet_ntop() goes through printf(), which is most of what a plan's text would cost.
std::string dotted(const IpAddress::Bytes& bytes) {
  std::array<char, INET_ADDRSTRLEN> text{};
  char* end = text.data();
  for (std::size_t i = 0; i < 4; ++i) {
    if (i != 0) *end++ = '.';
    end = std::to_chars(end, text.data() + text.size(), bytes[i]).ptr;
  }
  return {text.data(), end};
}

// The first eight bytes, or the next, as a number.
std::uint64_t half(const IpAddress::Bytes& bytes, std::size_t which) {
  std::uint64_t number = 0;
  std::memcpy(&number, bytes.data() + which * sizeof(number), sizeof(number));
  return be64toh(number);
}

// The highest `length` bits of a half; more than 64 are 64, fewer than none are none.
std::uint64_t high_bits(int length) {
  if (length <= 0) return 0;
  return length >= 64 ? ~std::uint64_t{0} : ~(~std::uint64_t{0} >> length);
}

}  // namespace

Result<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string owned(text);  // inet_pton wants a terminated string
  const Family family = text.find(':') == std::string_view::npos ? Family::kV4 : Family::kV6;
  Bytes bytes{};
  // A NUL inside the text would end it early for inet_pton.
  const bool whole = owned.size() == std::strlen(owned.c_str());
  if (!whole || inet_pton(native_family(family), owned.c_str(), bytes.data()) != 1) {
    return fail(ErrorCode::kInvalidArgument,
                "\"" + owned + "\" is not an IP address; write one like 192.0.2.1 or 2001:db8::1");
  }
  if (family == Family::kV6 && is_v4_mapped(bytes)) {
    return fail(ErrorCode::kInvalidArgument,
                "\"" + owned + "\" is an IPv4-mapped IPv6 address; write the IPv4 address itself");
  }
  return IpAddress(family, bytes);
}

std::string IpAddress::to_string() const {
  if (family_ == Family::kV4) return dotted(bytes_);
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(native_family(family_), bytes_.data(), text.data(), text.size());
  return text.data();
}

bool IpAddress::is_unspecified() const {
  return std::all_of(bytes_.begin(), bytes_.end(), [](std::uint8_t b) { return b == 0; });
}

bool IpAddress::is_loopback() const {
  if (family_ == Family::kV4) return bytes_[0] == 127;
  return bytes_[15] == 1 &&
         std::all_of(bytes_.begin(), bytes_.end() - 1, [](std::uint8_t b) { return b == 0; });
}

bool IpAddress::is_multicast() const {
  return family_ == Family::kV4 ? (bytes_[0] & 0xf0) == 0xe0 : bytes_[0] == 0xff;
}

bool IpAddress::is_link_local() const {
  if (family_ == Family::kV4) return bytes_[0] == 169 && bytes_[1] == 254;
  return bytes_[0] == 0xfe && (bytes_[1] & 0xc0) == 0x80;
}

bool IpAddress::is_limited_broadcast() const {
  return family_ == Family::kV4 &&
         std::all_of(bytes_.begin(), bytes_.begin() + 4, [](std::uint8_t b) { return b == 255; });
}

Result<IpNetwork> IpNetwork::parse(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) {
    return fail(ErrorCode::kInvalidArgument,
                "\"" + std::string(text) + "\" is not a network; write one like 192.0.2.0/24");
  }
  auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return tl::unexpected(address.error());
  const auto digits = text.substr(slash + 1);
  int length = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  const bool whole = error == std::errc() && end == digits.data() + digits.size();
  if (!whole || length < 0 || length > address_bits(address->family())) {
    return fail(ErrorCode::kInvalidArgument,
                "\"" + std::string(text) + "\" has a wrong prefix length; write 0 to " +
                    std::to_string(address_bits(address->family())) + " after the slash");
  }
  return IpNetwork{*address, length};
}

std::string IpNetwork::to_string() const {
  return address.to_string() + "/" + std::to_string(prefix_length);
}

bool IpNetwork::contains(const IpAddress& other) const {
  if (other.family() != address.family()) return false;
  const auto differ = [&](std::size_t which) {
    return half(address.bytes(), which) ^ half(other.bytes(), which);
  };
  return (differ(0) & high_bits(prefix_length)) == 0 &&
         (differ(1) & high_bits(prefix_length - 64)) == 0;
}

}  // namespace lvs

std::size_t std::hash<lvs::IpAddress>::operator()(const lvs::IpAddress& address) const noexcept {
  lvs::Hasher hasher;
  hasher.add(static_cast<std::uint64_t>(address.family()));
  hasher.add_bytes(address.bytes().data(), address.byte_count());
  return static_cast<std::size_t>(hasher.finish().low);
}
