// Reads the manifests of a folder: the adapter between the file system and decide_manifests().
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "operator/sources/manifest_set.h"

namespace lvs {

// What tells that a file is not the one that was read; links are followed.
struct FileStamp {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t size = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns =
      0;  // of its permissions, too: a file that was unreadable may be read now

  bool operator==(const FileStamp&) const = default;
};
struct FolderStamp {
  std::string trouble;  // the folder cannot be listed
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::map<std::string, FileStamp> files;

  bool operator==(const FolderStamp&) const = default;
};

// Every *.yaml and *.yml that is a file or a link to one; names that start with a dot are left out.
[[nodiscard]] FolderStamp look_at_folder(const std::string& path);
// The files of `stamp`, read and parsed.
[[nodiscard]] FolderReading read_folder(const std::string& path, const FolderStamp& stamp);

}  // namespace lvs
