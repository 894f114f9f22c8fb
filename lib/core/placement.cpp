#include "core/placement.h"

#include <algorithm>
#include <cstdint>

#include "base/hash.h"

namespace lvs {
namespace {

struct Candidate {
  std::size_t preference;  // position in `preferred`; its size for the others
  std::uint64_t score;
  const std::string* name;
};

std::uint64_t rendezvous_score(const IpAddress& vip, const std::string& node) {
  Hasher hasher;
  hasher.add(static_cast<std::uint64_t>(vip.family()));
  hasher.add_bytes(vip.bytes().data(), vip.byte_count());
  hasher.add_string(node);
  return hasher.finish().high;
}

bool claims_before(const Candidate& a, const Candidate& b) {
  if (a.preference != b.preference) return a.preference < b.preference;
  if (a.score != b.score) return a.score > b.score;
  return *a.name < *b.name;
}

}  // namespace

std::vector<std::string> place_vip(const IpAddress& vip, const DirectorsSpec& directors,
                                   const std::vector<std::shared_ptr<const Node>>& nodes) {
  std::vector<Candidate> candidates;
  const auto& preferred = directors.preferred;
  for (const auto& node : nodes) {
    if (!directors.node_selector.matches(node->meta.labels)) continue;
    const std::string& name = node->meta.key.name;
    const auto at = std::find(preferred.begin(), preferred.end(), name);
    candidates.push_back(
        {static_cast<std::size_t>(at - preferred.begin()), rendezvous_score(vip, name), &name});
  }
  std::sort(candidates.begin(), candidates.end(), claims_before);
  std::vector<std::string> names;
  names.reserve(candidates.size());
  for (const auto& candidate : candidates) names.push_back(*candidate.name);
  return names;
}

}  // namespace lvs
