// Any bytes as a manifest: problems, never a crash; and what was accepted can be validated.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "api/yaml.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)lvs::parse_manifest(text, "fuzz.yaml");
  return 0;
}
