// What the agent loop asks of whoever runs the checks.
#pragma once

#include <functional>
#include <set>

#include "core/health/pool.h"

namespace lvs {

// What is known now of all servers of a service. Sent whenever it has changed.
struct PoolHealthHeard {
  ServiceKey service;
  PoolHealth health;
};

class HealthPort {
 public:
  virtual ~HealthPort() = default;
  // The checks of a service; none: the service is gone. Is answered by a PoolHealthHeard.
  virtual void watch(const ServiceKey& service, std::set<CheckedServer> servers) = 0;
};

}  // namespace lvs
