// What is asked of a real server: the kinds of health checks. A kind is a struct here with its list
// of fields (for_each_field), a reader in codec_health_check.cpp, its rules in
// core/validate_health_check.cpp and a probe in agent/health/; the plan's hash and wire form go by
// the list.
#pragma once

#include <array>
#include <compare>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/ip_address.h"

namespace lvs {

struct StatusRange {
  int first = 200;
  int last = 299;
  friend auto operator<=>(const StatusRange&, const StatusRange&) = default;
};

struct TcpCheck {
  friend auto operator<=>(const TcpCheck&, const TcpCheck&) = default;
};

// The files are names in the folder that the agent was given for them, never paths: who may write a
// VirtualService must not reach a director's other files.
struct TlsOptions {
  std::string server_name;  // empty: the HTTP host, or else the server's address
  std::string ca_file;      // empty only where insecure
  bool insecure = false;
  std::string certificate_file;
  std::string key_file;
  std::string min_version = "1.2";

  friend auto operator<=>(const TlsOptions&, const TlsOptions&) = default;
};

struct HttpHeader {
  std::string name;
  std::string value;
  friend auto operator<=>(const HttpHeader&, const HttpHeader&) = default;
};

struct HttpCheck {
  std::string path = "/";
  std::vector<StatusRange> expect_status{StatusRange{}};
  std::string method = "GET";
  std::string host;  // empty: the TLS server name, or else the server's address
  std::vector<HttpHeader> headers;
  std::string version = "1.1";
  std::string body_contains;      // empty: the body is not read
  std::optional<TlsOptions> tls;  // present: HTTPS

  friend auto operator<=>(const HttpCheck&, const HttpCheck&) = default;
};

struct SmtpCheck {
  std::string hello = "lvs-agent";

  friend auto operator<=>(const SmtpCheck&, const SmtpCheck&) = default;
};

struct DnsCheck {
  std::string name = ".";
  std::string record_type = "SOA";
  std::string expect_code = "NOERROR";
  std::optional<IpAddress> expect_address;

  friend auto operator<=>(const DnsCheck&, const DnsCheck&) = default;
};

// Bytes as hexadecimal digits.
struct UdpCheck {
  std::string payload;
  std::string expect_reply;  // how it begins; empty: silence is well, too

  friend auto operator<=>(const UdpCheck&, const UdpCheck&) = default;
};

// Of the machine: it has no port.
struct IcmpCheck {
  friend auto operator<=>(const IcmpCheck&, const IcmpCheck&) = default;
};

using CheckKind = std::variant<TcpCheck, HttpCheck, SmtpCheck, DnsCheck, UdpCheck, IcmpCheck>;

// As the schema lists them.
inline constexpr std::array<std::string_view, 7> kCheckTypes{"TCP", "HTTP", "HTTPS", "SMTP",
                                                             "DNS", "UDP",  "ICMP"};
[[nodiscard]] std::string_view type_of(const CheckKind& kind);
// A check of that type with its defaults.
[[nodiscard]] std::optional<CheckKind> check_of_type(std::string_view type);

// Where a check goes.
enum class CheckTarget : std::uint8_t {
  kRealServer,  // to the server's own address
  kInPath,      // to the VIP, the way that clients' packets go (direct routing)
};
// What counts where nothing is written.
inline constexpr CheckTarget kDefaultCheckTarget = CheckTarget::kRealServer;

struct HealthCheckSpec {
  CheckKind kind;
  CheckTarget target = kDefaultCheckTarget;
  std::optional<std::uint16_t> port;
  Duration interval{1000};
  Duration timeout{1000};
  std::optional<Duration> fast_interval;  // while in transition
  int rise = 2;
  int fall = 3;

  friend auto operator<=>(const HealthCheckSpec&, const HealthCheckSpec&) = default;
};

template <typename Type, typename Other>
concept SameBut = std::same_as<std::remove_const_t<Type>, Other>;

// Calls visit(name, field) for every field of a kind. The bindings do not compile until a field
// that was added has a name.
template <SameBut<TcpCheck> Check, typename Visit>
void for_each_field(Check&, Visit) {}

template <SameBut<TlsOptions> Options, typename Visit>
void for_each_field(Options& options, Visit visit) {
  auto& [server_name, ca_file, insecure, certificate_file, key_file, min_version] = options;
  visit("serverName", server_name);
  visit("caFile", ca_file);
  visit("insecure", insecure);
  visit("certificateFile", certificate_file);
  visit("keyFile", key_file);
  visit("minVersion", min_version);
}

template <SameBut<HttpCheck> Check, typename Visit>
void for_each_field(Check& check, Visit visit) {
  auto& [path, expect_status, method, host, headers, version, body_contains, tls] = check;
  visit("path", path);
  visit("statuses", expect_status);
  visit("method", method);
  visit("host", host);
  visit("headers", headers);
  visit("version", version);
  visit("bodyContains", body_contains);
  visit("tls", tls);
}

template <SameBut<SmtpCheck> Check, typename Visit>
void for_each_field(Check& check, Visit visit) {
  auto& [hello] = check;
  visit("hello", hello);
}

template <SameBut<DnsCheck> Check, typename Visit>
void for_each_field(Check& check, Visit visit) {
  auto& [name, record_type, expect_code, expect_address] = check;
  visit("name", name);
  visit("recordType", record_type);
  visit("expectCode", expect_code);
  visit("expectAddress", expect_address);
}

template <SameBut<UdpCheck> Check, typename Visit>
void for_each_field(Check& check, Visit visit) {
  auto& [payload, expect_reply] = check;
  visit("payload", payload);
  visit("expectReply", expect_reply);
}

template <SameBut<IcmpCheck> Check, typename Visit>
void for_each_field(Check&, Visit) {}

}  // namespace lvs
