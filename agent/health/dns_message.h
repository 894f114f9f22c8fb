// One DNS question, and what an answer to it says (RFC 1035). Pure; reads any bytes that a server
// may send, in time by their number.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "base/result.h"

namespace lvs {

struct DnsQuestion {
  std::uint16_t id = 0;
  std::string name;  // "shop.example", with or without a full stop at its end; "." is the root
  std::string record_type;
};

struct DnsAnswer {
  std::string code;                  // "NOERROR"; a number where it has no name here
  std::vector<IpAddress> addresses;  // of the A and AAAA records

  friend bool operator==(const DnsAnswer&, const DnsAnswer&) = default;
};

// The name and the type have been validated.
[[nodiscard]] std::vector<std::uint8_t> encode_dns(const DnsQuestion& question);

// kConflict: a well-formed beginning, but of an answer to another question. kCorrupt: no answer.
[[nodiscard]] Result<DnsAnswer> decode_dns(std::span<const std::uint8_t> bytes,
                                           const DnsQuestion& question);

}  // namespace lvs
