// Uninstall: takes everything off this node that is ours and leaves the rest.
#pragma once

#include <string>

#include "agent/kernel/kernel.h"
#include "agent/metrics.h"
#include "base/result.h"

namespace lvs {

// VIPs first, then services, ARP settings as they were before, and the stored plan. Safe to repeat.
Result<void> clean_up(Kernel& kernel, const std::string& state_folder,
                      const std::string& run_folder, AgentMetrics& metrics);

}  // namespace lvs
