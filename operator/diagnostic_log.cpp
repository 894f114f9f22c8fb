#include "operator/diagnostic_log.h"

#include "telemetry/log.h"

namespace lvs {

bool DiagnosticLog::say(const Planner& planner, Kind kind, const ObjectKey& key) {
  auto& said = said_.at(static_cast<std::size_t>(kind));
  auto diagnostics = planner.diagnostics_of(kind, key);
  const auto before = said.find(key);
  if (before == said.end() ? diagnostics.empty() : diagnostics == before->second) return false;
  for (const auto& diagnostic : diagnostics) {
    log(diagnostic.severity == Severity::kError ? LogLevel::kError : LogLevel::kWarning, "resource",
        {{"reason", diagnostic.reason}, {"problem", to_string(diagnostic)}});
  }
  if (diagnostics.empty()) {
    log_info("resource is all right now", {{"kind", to_string(kind)}, {"object", to_string(key)}});
    said.erase(before);
  } else {
    said.insert_or_assign(key, std::move(diagnostics));
  }
  metrics_.diagnosed(kind, said.size());
  return true;
}

std::set<std::string> DiagnosticLog::update(const Planner& planner, const PlanningDelta& delta) {
  for (const auto& key : delta.virtual_services) say(planner, Kind::kVirtualService, key);
  for (const auto& key : delta.real_servers) say(planner, Kind::kRealServer, key);
  std::set<std::string> changed;
  for (const auto& name : delta.nodes) {
    if (say(planner, Kind::kNode, {"", name})) changed.insert(name);
  }
  return changed;
}

}  // namespace lvs
