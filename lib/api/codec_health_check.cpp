// Health checks, of a service and of a port.
#include <algorithm>
#include <array>
#include <string>

#include "api/codec_internal.h"
#include "api/codec_words.h"
#include "api/messages.h"

namespace lvs {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMostStatuses = 16;
constexpr std::size_t kLongestPath = 1024;
constexpr std::size_t kLongestHost = 261;
constexpr std::size_t kMostHexDigits = 1024;
constexpr std::size_t kLongestCheckName = 253;  // of a server or a file
constexpr std::size_t kLongestHeaderName = 64;
constexpr std::size_t kLongestHeader = 256;
constexpr std::size_t kMostHeaders = 16;
constexpr std::size_t kLongestBodyText = 256;

bool is_status(std::string_view text) {
  return text.size() == 3 && text[0] >= '1' && text[0] <= '5' &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

// 200, "200" or "200-299".
void read_status_range(const JsonValue& value, std::vector<StatusRange>& out) {
  static constexpr const char* kMessage =
      "not an HTTP status; write 100 to 599 like 200, or a range like 200-299";
  if (value.json().is_number()) {
    const auto status = value.integer(100, 599, kMessage);
    if (status) out.push_back({static_cast<int>(*status), static_cast<int>(*status)});
    return;
  }
  const auto text = value.text();
  if (!text) return;
  const auto dash = text->find('-');
  const std::string first = text->substr(0, dash);
  const std::string last = dash == std::string::npos ? first : text->substr(dash + 1);
  if (!is_status(first) || !is_status(last) || last < first) return value.refuse(kMessage);
  out.push_back({std::stoi(first), std::stoi(last)});
}

void read_statuses(const JsonValue& value, std::vector<StatusRange>& out) {
  out.clear();
  value.for_each_item(kMostStatuses,
                      [&out](const JsonValue& item) { read_status_range(item, out); });
  if (value.json().empty()) {
    value.refuse("no status would be healthy; write at least one, for example 200-299");
  }
}

void read_header(const JsonValue& value, HttpHeader& out) {
  JsonObject object(value);
  if (const auto name = object.require("name")) {
    out.name = name->text(kLongestHeaderName).value_or("");
  }
  if (const auto text = object.require("value")) {
    out.value = text->text(kLongestHeader).value_or("");
  }
  object.done();
}

void read_headers(const JsonValue& value, std::vector<HttpHeader>& out) {
  value.for_each_item(kMostHeaders,
                      [&out](const JsonValue& item) { read_header(item, out.emplace_back()); });
}

void read_http_group(const JsonValue& value, HttpCheck& out) {
  static constexpr std::array<std::string_view, 3> kMethods{"GET", "HEAD", "POST"};
  static constexpr std::array<std::string_view, 2> kVersions{"1.0", "1.1"};
  JsonObject object(value);
  if (const auto method = object.find("method")) {
    read_word(*method, any_of(kMethods), kMethods, out.method);
  }
  object.read("host", kLongestHost, kNotAHost, out.host);
  if (const auto headers = object.find("headers")) read_headers(*headers, out.headers);
  if (const auto version = object.find("version")) {
    read_word(*version, any_of(kVersions), kVersions, out.version);
  }
  object.read("bodyContains", kLongestBodyText, kNotABodyText, out.body_contains);
  object.done();
}

void read_tls_group(const JsonValue& value, TlsOptions& out) {
  static constexpr std::array<std::string_view, 2> kVersions{"1.2", "1.3"};
  JsonObject object(value);
  object.read("serverName", kLongestCheckName, kNotAServerName, out.server_name);
  object.read("caFile", kLongestCheckName, kNotACheckFile, out.ca_file);
  object.read("insecure", out.insecure);
  object.read("certificateFile", kLongestCheckName, kNotACheckFile, out.certificate_file);
  object.read("keyFile", kLongestCheckName, kNotACheckFile, out.key_file);
  if (const auto version = object.find("minVersion")) {
    read_word(*version, any_of(kVersions), kVersions, out.min_version);
  }
  object.done();
}

void read_dns_group(const JsonValue& value, DnsCheck& out) {
  static constexpr std::array<std::string_view, 9> kTypes{"A",   "AAAA", "CNAME", "MX", "NS",
                                                          "PTR", "SOA",  "SRV",   "TXT"};
  static constexpr std::array<std::string_view, 6> kCodes{"NOERROR",  "FORMERR", "SERVFAIL",
                                                          "NXDOMAIN", "NOTIMP",  "REFUSED"};
  JsonObject object(value);
  object.read("name", kLongestCheckName, kNotADnsName, out.name);
  if (const auto type = object.find("recordType")) {
    read_word(*type, any_of(kTypes), kTypes, out.record_type);
  }
  if (const auto code = object.find("expectCode")) {
    read_word(*code, any_of(kCodes), kCodes, out.expect_code);
  }
  if (const auto address = object.find("expectAddress")) out.expect_address = address->address();
  object.done();
}

void read_udp_group(const JsonValue& value, UdpCheck& out) {
  JsonObject object(value);
  object.read("payload", kMostHexDigits, kNotBytes, out.payload);
  object.read("expectReply", kMostHexDigits, kNotBytes, out.expect_reply);
  object.done();
}

void read_smtp_group(const JsonValue& value, SmtpCheck& out) {
  JsonObject object(value);
  object.read("hello", kLongestCheckName, kNotAHello, out.hello);
  object.done();
}

// The fields that a kind has for itself; those of other kinds are refused before.
void read_kind(JsonObject&, TcpCheck&) {}

void read_kind(JsonObject& object, HttpCheck& out) {
  if (const auto path = object.find("path")) out.path = path->text(kLongestPath).value_or("/");
  if (const auto statuses = object.find("expectStatus")) {
    read_statuses(*statuses, out.expect_status);
  }
  if (const auto http = object.find("http")) read_http_group(*http, out);
  const auto tls = object.find("tls");
  if (tls && out.tls) read_tls_group(*tls, *out.tls);
}

void read_kind(JsonObject& object, SmtpCheck& out) {
  if (const auto smtp = object.find("smtp")) read_smtp_group(*smtp, out);
}

void read_kind(JsonObject& object, DnsCheck& out) {
  if (const auto dns = object.find("dns")) read_dns_group(*dns, out);
}

void read_kind(JsonObject& object, UdpCheck& out) {
  if (const auto udp = object.find("udp")) read_udp_group(*udp, out);
}

void read_kind(JsonObject& object, IcmpCheck&) {
  if (const auto port = object.find("port")) {
    port->refuse("an ICMP check asks the machine, not a port; remove port");
  }
}

struct OwnField {
  std::string_view name;
  std::array<std::string_view, 2> types;
  std::string_view message;
};
constexpr std::array kOwnFields{
    OwnField{"path",
             {"HTTP", "HTTPS"},
             "only HTTP and HTTPS checks have a path; remove path, or write type: HTTP"},
    OwnField{"expectStatus",
             {"HTTP", "HTTPS"},
             "only HTTP and HTTPS checks have a status; remove expectStatus, or write type: HTTP"},
    OwnField{"http",
             {"HTTP", "HTTPS"},
             "only HTTP and HTTPS checks have this group; remove http, or write type: HTTP"},
    OwnField{
        "tls", {"HTTPS"}, "only HTTPS checks have this group; remove tls, or write type: HTTPS"},
    OwnField{
        "smtp", {"SMTP"}, "only SMTP checks have this group; remove smtp, or write type: SMTP"},
    OwnField{"dns", {"DNS"}, "only DNS checks have this group; remove dns, or write type: DNS"},
    OwnField{"udp", {"UDP"}, "only UDP checks have this group; remove udp, or write type: UDP"},
};

void refuse_fields_of_others(JsonObject& object, std::string_view type) {
  for (const OwnField& field : kOwnFields) {
    const auto written = object.find(field.name);
    const bool own = std::find(field.types.begin(), field.types.end(), type) != field.types.end();
    if (written && !own) written->refuse(std::string(field.message));
  }
}

void read_type(JsonObject& object, CheckKind& out) {
  const auto type = object.require("type");
  if (!type) return;
  const std::size_t before = type->log().problems.size();
  read_word(*type, check_of_type, kCheckTypes, out);
  if (type->log().problems.size() == before) refuse_fields_of_others(object, type_of(out));
}

std::optional<CheckTarget> target_of(std::string_view word) {
  if (word == "RealServer") return CheckTarget::kRealServer;
  if (word == "InPath") return CheckTarget::kInPath;
  return std::nullopt;
}

}  // namespace

void read_health_check(const JsonValue& value, std::optional<HealthCheckSpec>& out) {
  HealthCheckSpec& check = out.emplace();
  JsonObject object(value);
  for (const OwnField& field : kOwnFields) object.skip(field.name);
  read_type(object, check.kind);
  std::visit([&object](auto& kind) { read_kind(object, kind); }, check.kind);
  static constexpr std::array<std::string_view, 2> kTargets{"RealServer", "InPath"};
  if (const auto target = object.find("target")) {
    read_word(*target, target_of, kTargets, check.target);
  }
  std::uint16_t port = 0;
  object.read("port", 1, 65535, "not a port to probe; write 1 to 65535", port);
  if (port != 0) check.port = port;
  object.read("interval", 10ms, 24h, "the interval is out of range; write 10ms to 24h",
              check.interval);
  object.read("timeout", 10ms, Duration::max(), "the timeout is too short; write 10ms or more",
              check.timeout);
  Duration fast{0};
  object.read("fastInterval", 10ms, 24h, "the fast interval is out of range; write 10ms to 24h",
              fast);
  if (fast != Duration{0}) check.fast_interval = fast;
  object.read("rise", 1, 100, "rise is out of range; write 1 to 100", check.rise);
  object.read("fall", 1, 100, "fall is out of range; write 1 to 100", check.fall);
  object.done();
}

}  // namespace lvs
