// Any bytes as keepalived.conf: an error that says where, or manifests that decode.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include <nlohmann/json.hpp>

#include "api/codec.h"
#include "cli/keepalived_import.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lvs::cli;
  const auto no_files = [](const std::string&, const std::string&) {
    return lvs::Result<std::vector<KeepalivedFile>>{};
  };
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto config = parse_keepalived({"fuzz.conf", text}, no_files);
  if (!config) {
    if (!config.error().message.starts_with("fuzz.conf:")) std::abort();
    return 0;
  }
  for (const std::string& object : import_keepalived(*config, {"default", "one"}).objects) {
    (void)lvs::decode_resource(std::string_view(object), lvs::UnknownFields::kRefuse);
  }
  return 0;
}
