#include "core/observed.h"

#include <algorithm>

namespace lvs {

const ObservedLink* find_link(const ObservedNetwork& network, const std::string& name) {
  const auto at = std::find_if(network.links.begin(), network.links.end(),
                               [&](const ObservedLink& link) { return link.name == name; });
  return at == network.links.end() ? nullptr : &*at;
}

bool is_loopback(const ObservedNetwork& network, const std::string& link) {
  const ObservedLink* found = find_link(network, link);
  return found != nullptr && found->loopback;
}

}  // namespace lvs
