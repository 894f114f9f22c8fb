// Lines of a watch and pages of a list: any bytes give an event, a page or an error.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <nlohmann/json.hpp>

#include "kube/watch_decoder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  nlohmann::json json;
  const auto event = lvs::decode_watch_line(text, json);
  if (event && event->type != lvs::WatchEvent::Type::kError && event->resource_version.empty()) {
    __builtin_trap();
  }
  const auto page = lvs::decode_list_page(text, json);
  if (page && !json.is_array()) __builtin_trap();
  return 0;
}
