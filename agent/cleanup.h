// Uninstall: takes everything off this node that is ours and leaves the rest.
#pragma once

#include <string>

#include "agent/kernel/kernel.h"
#include "agent/metrics.h"
#include "base/result.h"

namespace lvs {

// The stored plan first, so that no agent that is started by mistake puts anything back; then VIPs
// and ARP settings (as they were before), then the services, then sync daemons and their settings.
// After a failure: to be repeated.
Result<void> clean_up(Kernel& kernel, const std::string& state_folder,
                      const std::string& run_folder, AgentMetrics& metrics);

}  // namespace lvs
