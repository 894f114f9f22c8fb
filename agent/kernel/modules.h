// Kernel modules: the agent loads ip_vs where it may and says plainly what is missing where not.
// Schedulers (ip_vs_rr, ...) are loaded by the kernel itself when a service names them.
#pragma once

#include <string>

#include "base/result.h"

namespace lvs {

// IPVS is in this kernel now; nothing is loaded by asking.
[[nodiscard]] bool ipvs_is_loaded();

// The same for nf_tables; a kernel that has it built in may not say so.
[[nodiscard]] bool nf_tables_is_loaded();

// Runs modprobe (no shell) and waits for it. kUnsupported: there is no such module here.
Result<void> load_module(const std::string& name);

// What to tell an administrator when ip_vs cannot be had.
[[nodiscard]] Error ipvs_is_missing();

}  // namespace lvs
