// The kernel of this machine, in a network namespace of the case's own.
#pragma once

#include <memory>

#include "tests/contract/kernel_environment.h"

namespace lvs::testing {

[[nodiscard]] bool real_kernel_wanted();  // LVS_CONTRACT_REAL_KERNEL=1
[[nodiscard]] std::unique_ptr<KernelEnvironment> make_real_environment();
// For what the fake kernel cannot show: the real one, where it is wanted.
[[nodiscard]] std::vector<EnvironmentKind> only_real_kinds();

// What a command prints; a failure of the test when it cannot be run or does not end with 0.
std::string run(const std::string& command);

}  // namespace lvs::testing
