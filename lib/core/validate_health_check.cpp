// The rules of a health check. Each is one rule of crds/lvs-operator.io_virtualservices.yaml, with
// its message.
#include <algorithm>
#include <array>
#include <cctype>

#include "api/messages.h"
#include "core/findings.h"
#include "core/names.h"

namespace lvs {
namespace {

constexpr std::string_view kNotAHeaderName =
    "not the name of a header; write letters, digits, - and _, like X-Probe";
constexpr std::string_view kNotAHeaderValue =
    "not the value of a header; write printable ASCII characters";
constexpr std::string_view kOwnHeader =
    "the check writes this header itself; write http.host for Host, and leave Connection, "
    "Content-Length and Transfer-Encoding out";

bool is_own_header(std::string name) {
  static constexpr std::array<std::string_view, 4> kOwn{"host", "connection", "content-length",
                                                        "transfer-encoding"};
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::find(kOwn.begin(), kOwn.end(), name) != kOwn.end();
}

void check_header(const HttpHeader& header, const std::string& field, Findings& out) {
  if (!is_header_name(header.name)) out.add(field + ".name", kNotAHeaderName);
  if (is_own_header(header.name)) out.add(field + ".name", kOwnHeader);
  if (!is_printable(header.value)) out.add(field + ".value", kNotAHeaderValue);
}

void check_file(const std::string& name, const std::string& field, Findings& out) {
  if (!name.empty() && !is_file_name(name)) out.add(field, kNotACheckFile);
}

void check_tls(const TlsOptions& tls, const std::string& field, Findings& out) {
  if (!tls.server_name.empty() && !is_dns_subdomain(tls.server_name)) {
    out.add(field + ".serverName", kNotAServerName);
  }
  check_file(tls.ca_file, field + ".caFile", out);
  check_file(tls.certificate_file, field + ".certificateFile", out);
  check_file(tls.key_file, field + ".keyFile", out);
  if (tls.ca_file.empty() && !tls.insecure) {
    out.add(field,
            "an HTTPS check has to know whom to trust; write tls.caFile, or tls.insecure: true");
  }
  if (!tls.ca_file.empty() && tls.insecure) {
    out.add(field, "insecure trusts every certificate; remove insecure, or remove caFile");
  }
  if (tls.certificate_file.empty() != tls.key_file.empty()) {
    out.add(field, "a client certificate is two files; write both certificateFile and keyFile");
  }
}

void check_kind(const TcpCheck&, const std::string&, Findings&) {}

void check_kind(const HttpCheck& check, const std::string& field, Findings& out) {
  if (!is_request_path(check.path)) {
    out.add(field + ".path",
            "not a request path; write one that begins with / and has no space, like /health");
  }
  const std::string group = field + ".http";
  if (!check.host.empty() && !is_http_host(check.host)) out.add(group + ".host", kNotAHost);
  for (std::size_t i = 0; i < check.headers.size(); ++i) {
    check_header(check.headers[i], group + ".headers[" + std::to_string(i) + "]", out);
  }
  if (!is_printable(check.body_contains)) out.add(group + ".bodyContains", kNotABodyText);
  if (check.method == "HEAD" && !check.body_contains.empty()) {
    out.add(group, "an answer to HEAD has no body; remove bodyContains, or write method: GET");
  }
  if (check.tls) check_tls(*check.tls, field + ".tls", out);
}

void check_kind(const SmtpCheck& check, const std::string& field, Findings& out) {
  if (!is_http_host(check.hello)) out.add(field + ".smtp.hello", kNotAHello);
}

void check_kind(const DnsCheck& check, const std::string& field, Findings& out) {
  if (!is_dns_query_name(check.name)) out.add(field + ".dns.name", kNotADnsName);
  if (!check.expect_address) return;
  const bool v4 = check.expect_address->family() == Family::kV4;
  if (check.record_type == (v4 ? "A" : "AAAA")) return;
  out.add(field + ".dns.expectAddress",
          "no such record has this address; write recordType: A for an IPv4 address, AAAA for an "
          "IPv6 address");
}

void check_kind(const UdpCheck& check, const std::string& field, Findings& out) {
  if (!check.payload.empty() && !is_hex_bytes(check.payload)) {
    out.add(field + ".udp.payload", kNotBytes);
  }
  if (!check.expect_reply.empty() && !is_hex_bytes(check.expect_reply)) {
    out.add(field + ".udp.expectReply", kNotBytes);
  }
}

void check_kind(const IcmpCheck&, const std::string&, Findings&) {}

}  // namespace

void check_health_check(const HealthCheckSpec& check, const std::string& field, Findings& out) {
  std::visit([&](const auto& kind) { check_kind(kind, field, out); }, check.kind);
  if (check.target == CheckTarget::kInPath && std::holds_alternative<IcmpCheck>(check.kind)) {
    out.add(field + ".target",
            "an ICMP check asks the machine, not a service; write target: RealServer, or another "
            "type");
  }
  if (check.timeout > check.interval) {
    out.add(field + ".timeout",
            "checks would overlap; write a timeout that is not longer than the interval");
  }
  if (check.fast_interval.value_or(check.interval) > check.interval) {
    out.add(field + ".fastInterval",
            "the fast interval is longer than the interval; write a shorter one, or remove it");
  }
}

}  // namespace lvs
