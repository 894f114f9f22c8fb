#include "core/diagnostic.h"

namespace lvs {

std::string to_string(const Diagnostic& diagnostic) {
  std::string text = diagnostic.origin.empty() ? "" : diagnostic.origin + ": ";
  text.append(to_string(diagnostic.kind)) += " " + to_string(diagnostic.object) + ": ";
  if (!diagnostic.field.empty()) text += diagnostic.field + ": ";
  return text + diagnostic.message;
}

}  // namespace lvs
