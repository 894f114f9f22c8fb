// The addresses of a network by address, for whoever looks for many of them.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "core/observed.h"

namespace lvs {

class AddressIndex {
 public:
  // `network` must outlive it and stay as it is.
  explicit AddressIndex(const ObservedNetwork& network) {
    sorted_.reserve(network.addresses.size());
    for (const ObservedAddress& present : network.addresses) sorted_.push_back(&present);
    std::stable_sort(sorted_.begin(), sorted_.end(),
                     [](const auto* a, const auto* b) { return a->address < b->address; });
  }

  // Null: it is not there.
  [[nodiscard]] const ObservedAddress* find(const IpAddress& address,
                                            const std::string& interface) const {
    auto at =
        std::lower_bound(sorted_.begin(), sorted_.end(), address,
                         [](const auto* each, const IpAddress& a) { return each->address < a; });
    for (; at != sorted_.end() && (*at)->address == address; ++at) {
      if ((*at)->interface == interface) return *at;
    }
    return nullptr;
  }

 private:
  std::vector<const ObservedAddress*> sorted_;
};

// Without the addresses that are ours, for questions that these play no part in.
[[nodiscard]] inline ObservedNetwork without_ours(const ObservedNetwork& network) {
  ObservedNetwork others = network;
  std::erase_if(others.addresses, [](const ObservedAddress& each) { return each.owned; });
  return others;
}

}  // namespace lvs
