// Where planned moves are asked for: the agents of directors, or the objects of a cluster, which
// the operator carries to them.
#pragma once

#include <memory>

#include "cli/duties.h"
#include "cli/sources.h"
#include "core/plan.h"

namespace lvs::cli {

class DutyDesk {
 public:
  virtual ~DutyDesk() = default;
  [[nodiscard]] virtual Result<Duties> look() = 0;
  // `duty` is how `vip` stands.
  [[nodiscard]] virtual Result<void> move(const IpAddress& vip, const VipDuty& duty,
                                          const std::string& to) = 0;
  // What has not happened yet shall not happen later.
  virtual void withdraw(const VipDuty& duty) = 0;
  [[nodiscard]] virtual Result<void> drain(const std::string& node, bool drained) = 0;
};

[[nodiscard]] std::unique_ptr<DutyDesk> open_duty_desk(const Source& source);

}  // namespace lvs::cli
