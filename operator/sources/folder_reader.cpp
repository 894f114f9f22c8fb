#include "operator/sources/folder_reader.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include <sys/stat.h>

namespace lvs {
namespace {

constexpr std::int64_t kMostBytes = std::int64_t{32} << 20U;

std::string reason(int error) { return std::generic_category().message(error); }

bool is_manifest_name(const std::string& name) {
  return !name.starts_with('.') && (name.ends_with(".yaml") || name.ends_with(".yml"));
}

std::optional<struct stat> status_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return status;
}

FileStamp stamp_of(const struct stat& status) {
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  const auto in_ns = [](const timespec& t) { return t.tv_sec * kNanoseconds + t.tv_nsec; };
  return {status.st_dev, status.st_ino, status.st_size, in_ns(status.st_mtim),
          in_ns(status.st_ctim)};
}

FileReading read_file(const std::string& folder, const std::string& name, const FileStamp& stamp) {
  FileReading reading{name, std::nullopt, {}};
  if (stamp.inode == 0) {
    reading.error = "is a link to nothing, or cannot be looked at";
    return reading;
  }
  if (stamp.size > kMostBytes) {
    reading.error = "is larger than 32 MiB; split it";
    return reading;
  }
  errno = 0;
  std::ifstream file(folder + "/" + name, std::ios::binary);
  std::ostringstream text;
  if (file && stamp.size > 0) text << file.rdbuf();
  if (!file) {
    reading.error = "cannot be read: " + reason(errno == 0 ? EIO : errno);
    return reading;
  }
  reading.manifest = parse_manifest(text.str(), name);
  return reading;
}

}  // namespace

FolderStamp look_at_folder(const std::string& path) {
  FolderStamp stamp;
  const auto folder = status_of(path);
  if (!folder) {
    stamp.trouble = "cannot be read: " + reason(errno);
    return stamp;
  }
  stamp.device = folder->st_dev;
  stamp.inode = folder->st_ino;
  std::error_code error;
  std::filesystem::directory_iterator entry(path, error);
  const std::filesystem::directory_iterator end;
  for (; !error && entry != end; entry.increment(error)) {
    const auto name = entry->path().filename().string();
    if (!is_manifest_name(name)) continue;
    const auto status = status_of(entry->path().string());
    if (status && S_ISDIR(status->st_mode)) continue;
    // A link whose target is missing is a file that cannot be read, not one that is gone.
    stamp.files[name] = status ? stamp_of(*status) : FileStamp{};
  }
  if (error) {
    stamp.trouble = "cannot be read: " + error.message();
    stamp.files.clear();
  }
  return stamp;
}

FolderReading read_folder(const std::string& path, const FolderStamp& stamp) {
  FolderReading reading;
  reading.trouble = stamp.trouble;
  for (const auto& [name, file] : stamp.files) reading.files.push_back(read_file(path, name, file));
  return reading;
}

}  // namespace lvs
