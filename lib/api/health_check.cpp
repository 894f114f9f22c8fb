#include "api/health_check.h"

namespace lvs {
namespace {

struct TypeName {
  std::string_view operator()(const TcpCheck&) const { return "TCP"; }
  std::string_view operator()(const HttpCheck& check) const { return check.tls ? "HTTPS" : "HTTP"; }
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
  return std::nullopt;
}

}  // namespace lvs
