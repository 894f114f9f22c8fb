// YAML manifests to resources. The only place that knows yaml-cpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/resources.h"

namespace lvs {

struct ManifestProblem {
  int line = 0;  // 1-based
  Error error;   // starts with "file:line: "
};

struct ParsedManifest {
  std::vector<Resource> resources;        // meta.origin is "file:line" of the document's first line
  std::vector<ManifestProblem> problems;  // one per document that could not be used
  std::size_t documents = 0;              // that are not empty
};

// Every document of one file; kind List is taken apart; empty documents are skipped. Objects of
// kinds or groups that are not ours are a problem, never silently left out. A namespace that is not
// written is "default". Bounded: refuses more than 32 MiB, nesting deeper than 64, and aliases that
// would grow the document (billion laughs).
[[nodiscard]] ParsedManifest parse_manifest(std::string_view text, const std::string& file);

// The first document of the text as JSON, by YAML's core schema ("yes" and 0o17 stay text). Bounded
// as above; a key that is there twice is refused. For files that are not manifests, such as a
// kubeconfig.
[[nodiscard]] Result<std::string> yaml_to_json(std::string_view text, const std::string& file);

// JSON text as YAML in block style, keys in their order; empty where the text is not JSON. Our own
// output, so nothing is bounded.
[[nodiscard]] std::string json_to_yaml(std::string_view json);

}  // namespace lvs
