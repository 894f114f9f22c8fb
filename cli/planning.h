// What the operator would plan for the objects at hand.
#pragma once

#include <string>
#include <vector>

#include "core/planner.h"
#include "core/snapshot.h"

namespace lvs::cli {

// Plans as they are once every agent has done its part: each real server reports as prepared what
// its plan asks it to prepare. (Without a report a planner holds back the weight of a new server.)
[[nodiscard]] Planner plan_as_prepared(const ClusterSnapshot& snapshot);

// Plans for the reports that the snapshot has.
[[nodiscard]] Planner plan_as_reported(const ClusterSnapshot& snapshot);

// What the core has to say of the objects. Without any Node in the snapshot (they may well be in a
// cluster instead) what is said about the lack of nodes is left out.
[[nodiscard]] Diagnostics diagnostics_of(const ClusterSnapshot& snapshot, const Planner& planner);

}  // namespace lvs::cli
