#include "agent/election/wire_sightings.h"

#include <algorithm>

namespace lvs {
namespace {

// A quarter of what the election waits between two questions.
constexpr Duration kBetween{5};

}  // namespace

void WireSightings::watch(const Watched& watched) {
  std::erase_if(vips_, [&](const auto& entry) { return !watched.contains(entry.first); });
  for (const auto& key : watched) vips_.try_emplace(key);
}

bool WireSightings::is_news(int link_index, const NeighbourWord& word, TimePoint now) {
  const auto found = vips_.find({link_index, word.address});
  if (found == vips_.end()) return false;
  auto& [machines, newcomers] = found->second;
  const auto known = std::find_if(machines.begin(), machines.end(), [&](const Machine& machine) {
    return machine.kind == word.kind && machine.from == word.from;
  });
  if (known != machines.end()) {
    known->heard = now;
    if (now - known->told < kBetween) return false;
    known->told = now;
    return true;
  }
  if (!newcomers.take(now)) return false;
  if (machines.size() == kMachines) {
    machines.erase(std::min_element(machines.begin(), machines.end(),
                                    [](auto& a, auto& b) { return a.heard < b.heard; }));
  }
  machines.push_back({word.kind, word.from, now, now});
  return true;
}

}  // namespace lvs
