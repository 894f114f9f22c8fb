// The parts of the operator, put together; main() only chooses.
#pragma once

#include <csignal>

#include "base/result.h"
#include "operator/config.h"

namespace lvs {

// Until one of the blocked `signals` arrives.
[[nodiscard]] Result<void> run_operator(const OperatorConfig& config, const sigset_t& signals);

// Prints the plans and what is wrong. False: something is.
[[nodiscard]] Result<bool> print_plans(const OperatorConfig& config);

}  // namespace lvs
