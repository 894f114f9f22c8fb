// The sources as the architecture tests see them: files and what they include.
#pragma once

#include <string>
#include <vector>

namespace lvs::architecture {

struct Include {
  int line = 0;
  std::string target;  // as written between the quotes or brackets
  bool quoted = false;
};

struct SourceFile {
  std::string path;    // from the root: "lib/core/plan.h"
  std::string folder;  // its place in the law: "base", "core", "agent", ...
  std::vector<Include> includes;
  int lines = 0;
};

// Every .h and .cpp under lib/, agent/, operator/ and cli/, sorted by path.
std::vector<SourceFile> read_sources(const std::string& root);

}  // namespace lvs::architecture
