#include "source_tree.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>

namespace lvs::architecture {
namespace {

namespace fs = std::filesystem;

std::string folder_of(const fs::path& relative) {
  auto part = relative.begin();
  if (*part == "lib") ++part;
  return part->string();
}

SourceFile read_file(const fs::path& root, const fs::path& path) {
  static const std::regex kInclude(R"re(^\s*#\s*include\s*(["<])([^">]+)[">])re");
  SourceFile file;
  file.path = fs::relative(path, root).string();
  file.folder = folder_of(fs::relative(path, root));
  std::ifstream in(path);
  std::string text;
  while (std::getline(in, text)) {
    ++file.lines;
    std::smatch match;
    if (std::regex_search(text, match, kInclude)) {
      file.includes.push_back({file.lines, match[2], match[1] == "\""});
    }
  }
  return file;
}

}  // namespace

std::vector<SourceFile> read_sources(const std::string& root) {
  std::vector<SourceFile> files;
  for (const char* top : {"lib", "agent", "operator", "cli"}) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(root) / top)) {
      const auto extension = entry.path().extension();
      if (extension == ".h" || extension == ".cpp") files.push_back(read_file(root, entry.path()));
    }
  }
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return a.path < b.path; });
  return files;
}

}  // namespace lvs::architecture
