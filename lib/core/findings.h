// What the checks of one object find. Internal to lib/core/validate*.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "core/diagnostic.h"

namespace lvs {

class Findings {
 public:
  Findings(Kind kind, const ObjectMeta& meta) : kind_(kind), meta_(meta) {}

  void add(std::string field, std::string_view message) {
    found_.push_back({kind_, meta_.key, Severity::kError, "Invalid", std::move(field),
                      std::string(message), meta_.origin});
  }
  [[nodiscard]] Diagnostics take() { return std::move(found_); }

 private:
  Kind kind_;
  const ObjectMeta& meta_;
  Diagnostics found_;
};

// Every check of a VirtualService's spec.
void check_virtual_service(const VirtualServiceSpec& spec, Findings& findings);

// Every check of a health check that stands at `field`.
void check_health_check(const HealthCheckSpec& check, const std::string& field, Findings& findings);

// An address that is a machine's; the same for real servers and sorry servers.
void check_machine_address(const IpAddress& address, const std::string& field, Findings& findings);

}  // namespace lvs
