// What the files of a folder mean, given what they meant before. Pure.
//
// Deleting a file deletes its objects. Everything else that could look like a deletion does not: a
// file that cannot be read, does not parse, or has become empty keeps the objects that it had; so
// does a folder that is unreadable or suddenly has no manifest at all. An object that breaks a rule
// keeps its last good version. Every such thing is a problem, in words.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/yaml.h"
#include "operator/events.h"

namespace lvs {

struct FileReading {
  std::string name;  // within the folder
  std::optional<ParsedManifest> manifest;
  std::string error;  // why there is none
};

struct FolderReading {
  std::string trouble;             // why the folder could not be read; empty: it could
  std::vector<FileReading> files;  // sorted by name
};

using ObjectId = std::pair<Kind, ObjectKey>;
// The good objects of each file. A name whose objects are all gone is kept while the file exists.
struct ManifestSet {
  std::map<std::string, std::map<ObjectId, Resource>> files;
};

struct ManifestDecision {
  ManifestSet set;
  std::map<ObjectId, Resource> objects;  // each once
  std::vector<std::string> problems;     // in the order of the files
  // Something could not be used and has no last good version: it may stand in a kernel all the
  // same.
  bool has_unknown = false;
  std::string trouble;  // nothing could be said about deletions; set is as before
};

[[nodiscard]] ManifestDecision decide_manifests(const ManifestSet& before,
                                                const FolderReading& reading);

}  // namespace lvs
