// What is wrong with manifests, as a value: `lvsctl validate` prints it, `render` warns with it.
#pragma once

#include <string>
#include <vector>

#include "cli/manifests.h"
#include "core/diagnostic.h"

namespace lvs::cli {

struct Finding {
  bool error = true;   // otherwise a warning
  std::string origin;  // "web.yaml:12"
  std::string object;  // "VirtualService shop/web"
  std::string field;   // "spec.ports[0].port"; empty: the whole object
  std::string reason;  // "VIPPortConflict"; empty: the file or object could not be read
  std::string message;
};

struct Findings {
  std::vector<Finding> list;  // by origin, as read
  std::size_t files = 0;
  std::size_t objects = 0;
  bool nodes_known = false;  // there was a Node among them

  [[nodiscard]] std::size_t errors() const;
  [[nodiscard]] std::size_t warnings() const { return list.size() - errors(); }
};

// Pure.
[[nodiscard]] Findings find_problems(const ManifestSet& set);

// "web.yaml:12: VirtualService shop/web: spec.ports[0].port: <message> [VIPPortConflict]"
[[nodiscard]] std::string to_string(const Finding& finding);
[[nodiscard]] std::string to_json(const Findings& findings);

}  // namespace lvs::cli
