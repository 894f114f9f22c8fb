#include "api/health_check.h"

namespace lvs {
namespace {

struct TypeName {
  std::string_view operator()(const TcpCheck&) const { return "TCP"; }
  std::string_view operator()(const HttpCheck& check) const { return check.tls ? "HTTPS" : "HTTP"; }
  std::string_view operator()(const SmtpCheck&) const { return "SMTP"; }
  std::string_view operator()(const DnsCheck&) const { return "DNS"; }
  std::string_view operator()(const UdpCheck&) const { return "UDP"; }
  std::string_view operator()(const IcmpCheck&) const { return "ICMP"; }
};

}  // namespace

std::string_view type_of(const CheckKind& kind) { return std::visit(TypeName{}, kind); }

std::optional<CheckKind> check_of_type(std::string_view type) {
  if (type == "TCP") return TcpCheck{};
  if (type == "HTTP") return HttpCheck{};
  if (type == "HTTPS") {
    HttpCheck check;
    check.tls.emplace();
    return check;
  }
  if (type == "SMTP") return SmtpCheck{};
  if (type == "DNS") return DnsCheck{};
  if (type == "UDP") return UdpCheck{};
  if (type == "ICMP") return IcmpCheck{};
  return std::nullopt;
}

}  // namespace lvs
