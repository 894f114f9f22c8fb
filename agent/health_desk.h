// What the checks say of the servers of each service, and what that means for their pools. Asks for
// the checks that the plan wants (HealthPort) and remembers what is heard.
//
// Threads: the agent loop only.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "agent/health/health_port.h"
#include "core/report.h"

namespace lvs {

class HealthDesk {
 public:
  // `port` may be null: then nothing is checked, and nobody is taken out. It must outlive the desk.
  void connect(HealthPort* port) { port_ = port; }

  // Checks follow the plan: these services have changed.
  void follow(const NodePlan& plan, const std::set<ServiceKey>& changed);
  void follow_all(const NodePlan& plan);

  // Checks through a VIP go these ways; those of servers without one wait. They are unknown then.
  void use_paths(const NodePlan& plan, const ProbePaths& paths);

  // False: nothing that matters to the kernel, or of a service that is not checked any more.
  bool hear(const NodePlan& plan, PoolHealthHeard heard);

  [[nodiscard]] PoolVerdict verdict(const ServiceKey& key, const PlannedService& planned) const;

  // Of the services that are checked.
  [[nodiscard]] const std::map<ServiceKey, PoolHealth>& pools() const { return pools_; }
  // The servers that are unhealthy, sorted.
  [[nodiscard]] std::vector<UnhealthyServer> unhealthy() const;
  // The services whose pool is kept although most of it looks dead.
  [[nodiscard]] std::vector<ProblemReport> problems() const;
  // Servers that are checked, unhealthy ones, pools that are kept open.
  struct Counts {
    std::size_t checked = 0;
    std::size_t unhealthy = 0;
    std::size_t fail_open = 0;
  };
  [[nodiscard]] Counts counts() const;

 private:
  void follow_one(const ServiceKey& key, const PlannedService* planned);
  void judge(const ServiceKey& key, const PlannedService& planned, const PoolHealth& pool);
  void forget(const ServiceKey& key);

  [[nodiscard]] std::set<CheckedServer> checks_of(const ServiceKey& key,
                                                  const PlannedService& planned) const;

  HealthPort* port_ = nullptr;
  ProbePaths paths_;
  std::map<ServiceKey, PoolHealth> pools_;
  // Only those with something to tell.
  std::map<ServiceKey, std::vector<UnhealthyServer>> unhealthy_;
  std::map<ServiceKey, ProblemReport> fail_open_;
};

}  // namespace lvs
