#include "core/planner_reports.h"

#include <algorithm>

namespace lvs::planning {

ReportDifference compare_backends(const std::vector<BackendReport>& before,
                                  const std::vector<BackendReport>& after) {
  ReportDifference found;
  const auto lone = [&found](const BackendReport& backend) {
    found.listed.insert(backend.vip);
    if (backend.prepared) found.prepared.insert(backend.vip);
  };
  auto old = before.begin();
  for (const BackendReport& now : after) {
    for (; old != before.end() && old->vip < now.vip; ++old) lone(*old);
    if (old == before.end() || old->vip != now.vip) {
      lone(now);
      continue;
    }
    if (old->prepared != now.prepared) found.prepared.insert(now.vip);
    ++old;
  }
  std::for_each(old, before.end(), lone);
  return found;
}

}  // namespace lvs::planning
