// A kubeconfig is a file that people hand around: any bytes give a connection or an error.
#include <cstddef>
#include <cstdint>

#include "kube/kubeconfig.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto connection = lvs::parse_kubeconfig({{text, "/config"}}, {{}, {}, true});
  if (!connection && connection.error().message.empty()) __builtin_trap();
  return 0;
}
