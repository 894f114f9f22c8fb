// keepalived.conf as text: directives with their blocks. Knows the syntax (keepalived.conf(5), 2.2)
// and none of the words.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lvs::cli {

struct KeepalivedDirective {
  std::string file;
  int line = 0;
  std::vector<std::string> words;  // never empty; without quotes
  bool has_block = false;
  std::vector<KeepalivedDirective> block;

  [[nodiscard]] const std::string& name() const { return words.front(); }
  // The word at that place; empty: there is none.
  [[nodiscard]] std::string word(std::size_t at) const {
    return at < words.size() ? words[at] : std::string();
  }
};

using KeepalivedDirectives = std::vector<KeepalivedDirective>;

// The files that an include names, by name; none: nothing matches.
struct KeepalivedFile {
  std::string name;
  std::string text;
};
using KeepalivedIncludes = std::function<Result<std::vector<KeepalivedFile>>(
    const std::string& pattern, const std::string& from)>;

// Bounded: refuses blocks deeper than 16 and includes deeper than 8. Errors start with "file:line: ".
[[nodiscard]] Result<KeepalivedDirectives> parse_keepalived(const KeepalivedFile& file,
                                                            const KeepalivedIncludes& includes);

}  // namespace lvs::cli
