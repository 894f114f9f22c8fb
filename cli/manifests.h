// The resources of files and folders, as the commands read them.
#pragma once

#include <string>
#include <vector>

#include "api/resources.h"
#include "base/result.h"
#include "core/snapshot.h"

namespace lvs::cli {

struct ManifestSet {
  std::vector<Resource> resources;    // in the order of files and documents; no object twice
  std::vector<std::string> problems;  // "file:line: what is wrong and what to write instead"
  std::size_t files = 0;
};

struct ManifestFile {
  std::string name;
  std::string text;
};

// Reads files, and of folders every *.yaml and *.yml in them by name (not their subfolders, as the
// operator does); "-" is the standard input. A path that cannot be read is an error.
[[nodiscard]] Result<std::vector<ManifestFile>> read_files(const std::vector<std::string>& paths);

// An object that is there twice is a problem; the first one stays.
[[nodiscard]] ManifestSet parse_files(const std::vector<ManifestFile>& files);

[[nodiscard]] Result<ManifestSet> read_manifests(const std::vector<std::string>& paths);

[[nodiscard]] ClusterSnapshot to_snapshot(const std::vector<Resource>& resources);

}  // namespace lvs::cli
