// What an errno means for an operation, in words an administrator can act on.
#pragma once

#include <string>

#include "base/result.h"
#include "core/operation.h"

namespace lvs {

// `kernel_text` is the kernel's own explanation (extended acknowledgement), often empty.
[[nodiscard]] Error explain_errno(const Operation& operation, int error_number,
                                  const std::string& kernel_text = {});

// The category of an errno, without an operation.
[[nodiscard]] ErrorCode code_of_errno(int error_number);

}  // namespace lvs
