// keepalived's configuration as resources of ours, and a word on every directive that has no exact
// counterpart. Pure.
#pragma once

#include <string>
#include <vector>

#include "cli/keepalived_text.h"

namespace lvs::cli {

// What became of a directive that is not simply a field of the resources now.
enum class ImportFate {
  kReplaced,  // lvs-operator does this by itself, or in another way
  kChanged,   // imported, but not to the letter
  kDropped,   // has no counterpart: whoever relies on it has to do something
};

struct ImportNote {
  ImportFate fate = ImportFate::kDropped;
  std::string file;
  int line = 0;
  std::string text;  // "directive: what it means here"
};
[[nodiscard]] std::string to_string(
    const ImportNote& note);  // "file:line: dropped: directive: ..."

struct ImportOptions {
  std::string ns = "default";
  std::string id;  // keepalived -i: lines that begin with @id count, others with @ do not
};

struct Imported {
  std::vector<std::string> objects;  // JSON, in the order of the file; real servers before services
  std::vector<ImportNote> notes;     // by line
};

[[nodiscard]] Imported import_keepalived(const KeepalivedDirectives& config,
                                         const ImportOptions& options);

}  // namespace lvs::cli
