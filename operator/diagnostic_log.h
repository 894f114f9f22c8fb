// Says in the log what the planner has to say about resources, once and when it changes. Lives on
// the operator's loop.
#pragma once

#include <array>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "core/planner.h"
#include "operator/metrics.h"

namespace lvs {

class DiagnosticLog {
 public:
  explicit DiagnosticLog(OperatorMetrics& metrics) : metrics_(metrics) {}

  // Logs what `delta` has changed; returns the Nodes of which something else is said now.
  std::set<std::string> update(const Planner& planner, const PlanningDelta& delta);

 private:
  // False: as before.
  bool say(const Planner& planner, Kind kind, const ObjectKey& key);

  OperatorMetrics& metrics_;
  std::array<std::map<ObjectKey, Diagnostics>, 3> said_;  // by kind
};

}  // namespace lvs
