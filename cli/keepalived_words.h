// keepalived's directives that become no field of a resource, and why. A table for each block.
#pragma once

#include <span>
#include <string_view>

#include "cli/keepalived_import.h"

namespace lvs::cli {

enum class KeepalivedBlock { kTop, kGlobal, kVrrpInstance, kVirtualServer, kRealServer, kCheck };

struct KeepalivedWord {
  std::string_view name;  // ends with '*': all that begin so
  ImportFate fate = ImportFate::kDropped;
  std::string_view text;
};

// What is not in the table of its block is dropped, and the note says so.
[[nodiscard]] KeepalivedWord explain_word(KeepalivedBlock block, std::string_view name);

}  // namespace lvs::cli
