// A small file with a checksum over its text: what was before us, so that it can be put back.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"

namespace lvs {

// Nothing: there is no such file. kCorrupt: it is not what was written, and `lost` is not known.
Result<std::optional<std::string>> read_sealed_file(const std::string& path,
                                                    const std::string& lost);
// An empty text is no file.
Result<void> write_sealed_file(const std::string& path, std::string text);

}  // namespace lvs
