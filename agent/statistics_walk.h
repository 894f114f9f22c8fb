// Reads the kernel's statistics when a scrape asks, a slice of services at a time: between slices
// the loop does what is urgent.
//
// Threads: the agent loop only.
#pragma once

#include <vector>

#include "agent/health_desk.h"
#include "agent/kernel/kernel.h"
#include "agent/messages.h"
#include "agent/mirror.h"
#include "core/plan.h"

namespace lvs {

class StatisticsWalk {
 public:
  // Without `destinations` none is read: how servers stand is then told by what the loop believes
  // of the kernel.
  StatisticsWalk(Kernel& kernel, const Clock& clock, bool destinations)
      : kernel_(kernel), clock_(clock), destinations_(destinations) {}

  // Those who ask while a walk is under way get its result.
  void add(StatisticsRequested request) { requests_.push_back(std::move(request)); }
  [[nodiscard]] bool is_due() const { return !requests_.empty(); }

  struct Context {
    const NodePlan& plan;
    const OffLinkServers& off_link;
    const HealthDesk& health;
    const Mirror& mirror;
  };
  void work(const Context& context);

 private:
  Result<void> begin(const Context& context);
  // How many destinations it looked at.
  Result<std::size_t> look_at(ObservedService service, const Context& context);
  void answer(const Result<std::shared_ptr<const Statistics>>& result);

  Kernel& kernel_;
  const Clock& clock_;
  const bool destinations_;
  std::vector<StatisticsRequested> requests_;
  bool reading_ = false;
  TimePoint begun_;
  std::vector<ObservedService> services_;
  std::size_t next_ = 0;
  Statistics found_;
};

}  // namespace lvs
