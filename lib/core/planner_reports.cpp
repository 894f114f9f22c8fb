#include "core/planner_reports.h"

#include "base/sorted_merge.h"

namespace lvs::planning {

ReportDifference compare_backends(const std::vector<BackendReport>& before,
                                  const std::vector<BackendReport>& after) {
  ReportDifference found;
  merge_sorted(before, after, &BackendReport::vip,
               [&found](const BackendReport* old, const BackendReport* now) {
                 const BackendReport& one = now != nullptr ? *now : *old;
                 const bool both = old != nullptr && now != nullptr;
                 const bool differs = both ? old->prepared != now->prepared ||
                                                 old->server_address != now->server_address
                                           : one.prepared;
                 if (differs) found.prepared.insert(one.vip);
                 if (!both) found.listed.insert(one.vip);
               });
  return found;
}

}  // namespace lvs::planning
