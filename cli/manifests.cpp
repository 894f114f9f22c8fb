#include "cli/manifests.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>

#include "api/yaml.h"

namespace lvs::cli {
namespace {

namespace fs = std::filesystem;

std::string drain(std::istream& in) {
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

tl::unexpected<Error> cannot_read(const std::string& path, const std::string& why) {
  return fail(ErrorCode::kIo, path + ": cannot be read (" + why + ")");
}

Result<ManifestFile> read_file(const std::string& path) {
  if (path == "-") return ManifestFile{"standard input", drain(std::cin)};
  std::ifstream in(path, std::ios::binary);
  if (!in) return cannot_read(path, std::strerror(errno));
  ManifestFile file{path, drain(in)};
  if (in.bad()) return cannot_read(path, std::strerror(errno));
  return file;
}

// As the operator does: temporary files of editors and of atomic replacement start with a dot.
bool is_manifest(const fs::directory_entry& entry) {
  const auto name = entry.path().filename().string();
  const auto extension = entry.path().extension();
  std::error_code error;
  // A link to nothing is a file that cannot be read, not one that is not there.
  return !name.starts_with('.') && (extension == ".yaml" || extension == ".yml") &&
         !entry.is_directory(error);
}

Result<std::vector<std::string>> files_of_folder(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (is_manifest(*it)) files.push_back(it->path().string());
  }
  if (error) return cannot_read(folder, error.message());
  if (files.empty()) {
    return fail(ErrorCode::kNotFound,
                folder + ": no *.yaml or *.yml in this folder; name the folder of the manifests");
  }
  std::sort(files.begin(), files.end());
  return files;
}

Result<std::vector<std::string>> expand(const std::string& path) {
  std::error_code error;
  if (path != "-" && fs::is_directory(path, error)) return files_of_folder(path);
  return std::vector<std::string>{path};
}

template <typename Object>
void put(Objects<Object>& objects, const Object& object) {
  objects[object.meta.key] = std::make_shared<const Object>(object);
}

}  // namespace

Result<std::vector<ManifestFile>> read_files(const std::vector<std::string>& paths) {
  std::vector<ManifestFile> files;
  for (const auto& path : paths) {
    const auto names = expand(path);
    if (!names) return tl::unexpected(names.error());
    for (const auto& name : *names) {
      auto file = read_file(name);
      if (!file) return tl::unexpected(file.error());
      files.push_back(std::move(*file));
    }
  }
  return files;
}

ManifestSet parse_files(const std::vector<ManifestFile>& files) {
  ManifestSet set;
  set.files = files.size();
  std::map<std::pair<Kind, ObjectKey>, std::string> origins;
  for (const auto& file : files) {
    auto parsed = parse_manifest(file.text, file.name);
    if (parsed.resources.empty() && parsed.problems.empty()) {
      set.problems.push_back(file.name + ": is empty; write objects into it, or delete it");
    }
    for (const auto& problem : parsed.problems) set.problems.push_back(problem.error.message);
    for (auto& resource : parsed.resources) {
      const auto& meta = meta_of(resource);
      const auto [first, is_new] =
          origins.emplace(std::pair(kind_of(resource), meta.key), meta.origin);
      if (is_new) {
        set.resources.push_back(std::move(resource));
      } else {
        set.problems.push_back(meta.origin + ": " + std::string(to_string(kind_of(resource))) +
                               " " + to_string(meta.key) + ": is in " + first->second +
                               " already; remove one of the two, or rename it");
      }
    }
  }
  return set;
}

Result<ManifestSet> read_manifests(const std::vector<std::string>& paths) {
  return read_files(paths).map(parse_files);
}

ClusterSnapshot to_snapshot(const std::vector<Resource>& resources) {
  ClusterSnapshot snapshot;
  for (const auto& resource : resources) {
    if (const auto* service = std::get_if<VirtualService>(&resource)) {
      put(snapshot.virtual_services, *service);
    } else if (const auto* server = std::get_if<RealServer>(&resource)) {
      put(snapshot.real_servers, *server);
    } else {
      put(snapshot.nodes, std::get<Node>(resource));
    }
  }
  resolve_forced(snapshot, SystemClock().wall_now());
  return snapshot;
}

}  // namespace lvs::cli
