// Any bytes as a plan: an error or a value that comes back as it was, never a crash.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "wire/codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto value = lvs::decode_plan(text);
  if (!value) return 0;
  const auto again = lvs::decode_plan(lvs::encode(*value));
  if (!again || !(*again == *value)) std::abort();
  return 0;
}
