// An IPv4 or IPv6 address and a network, as values. Text in and out is canonical (RFC 5952 for v6).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lvs {

enum class Family : std::uint8_t { kV4 = 4, kV6 = 6 };

[[nodiscard]] constexpr int address_bits(Family family) { return family == Family::kV4 ? 32 : 128; }

class IpAddress {
 public:
  using Bytes = std::array<std::uint8_t, 16>;

  constexpr IpAddress() = default;  // 0.0.0.0
  // Network byte order; an IPv4 address stands in the first four bytes, the rest is zero.
  constexpr IpAddress(Family family, const Bytes& bytes) : bytes_(bytes), family_(family) {}

  // Accepts exactly one address: no zone, no prefix, no port, no surrounding space, and no
  // IPv4-mapped IPv6 address (::ffff:1.2.3.4), which the kernel would treat as something else.
  static Result<IpAddress> parse(std::string_view text);
  [[nodiscard]] std::string to_string() const;

  [[nodiscard]] constexpr Family family() const { return family_; }
  [[nodiscard]] constexpr const Bytes& bytes() const { return bytes_; }
  [[nodiscard]] std::size_t byte_count() const { return family_ == Family::kV4 ? 4 : 16; }

  [[nodiscard]] bool is_unspecified() const;
  [[nodiscard]] bool is_loopback() const;
  [[nodiscard]] bool is_multicast() const;
  [[nodiscard]] bool is_link_local() const;
  [[nodiscard]] bool is_limited_broadcast() const;

  // IPv4 before IPv6, then by bytes.
  friend constexpr std::strong_ordering operator<=>(const IpAddress& a, const IpAddress& b) {
    if (auto by_family = a.family_ <=> b.family_; by_family != 0) return by_family;
    return a.bytes_ <=> b.bytes_;
  }
  friend constexpr bool operator==(const IpAddress&, const IpAddress&) = default;

 private:
  Bytes bytes_{};
  Family family_ = Family::kV4;
};

// An address with a prefix length; host bits are kept as they were given.
struct IpNetwork {
  IpAddress address;
  int prefix_length = 0;

  static Result<IpNetwork> parse(std::string_view text);
  [[nodiscard]] std::string to_string() const;
  // False for an address of the other family.
  [[nodiscard]] bool contains(const IpAddress& other) const;

  friend bool operator==(const IpNetwork&, const IpNetwork&) = default;
  friend auto operator<=>(const IpNetwork&, const IpNetwork&) = default;
};

}  // namespace lvs

template <>
struct std::hash<lvs::IpAddress> {
  std::size_t operator()(const lvs::IpAddress& address) const noexcept;
};
