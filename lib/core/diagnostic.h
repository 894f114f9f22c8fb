// What the core has to say about a resource. Returned, never logged: the operator turns it into
// conditions, the command line into lines of text.
#pragma once

#include <string>
#include <vector>

#include "api/resources.h"

namespace lvs {

enum class Severity {
  kError,    // nothing is programmed for the object
  kWarning,  // it is programmed, but not all of what it asks for can be had
};

struct Diagnostic {
  Kind kind = Kind::kVirtualService;
  ObjectKey object;
  Severity severity = Severity::kError;
  std::string reason;   // CamelCase, stable: Invalid, VIPPortConflict, NoDirector, ...
  std::string field;    // "spec.ports[0].port", empty: the whole object
  std::string message;  // what is wrong and what to write instead
  std::string origin;   // where the object was read: "web.yaml:12"; empty from the API server

  friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};
using Diagnostics = std::vector<Diagnostic>;

// "VirtualService shop/web: spec.ports[0].port: <message>", with the origin in front if it has one.
[[nodiscard]] std::string to_string(const Diagnostic& diagnostic);

}  // namespace lvs
