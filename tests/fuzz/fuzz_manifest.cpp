// Any bytes as a manifest: problems, never a crash; and what was accepted can be judged. What is
// read as JSON can be written as YAML and read as the same JSON.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "api/yaml.h"
#include "core/validate.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parsed = lvs::parse_manifest(text, "fuzz.yaml");
  for (const auto& problem : parsed.problems) {
    if (problem.error.message.empty()) std::abort();
  }
  for (const auto& resource : parsed.resources) (void)lvs::validate(resource);
  if (const auto json = lvs::yaml_to_json(text, "fuzz.yaml")) {
    const auto again = lvs::yaml_to_json(lvs::json_to_yaml(*json), "again.yaml");
    if (!again || *again != *json) std::abort();
  }
  return 0;
}
