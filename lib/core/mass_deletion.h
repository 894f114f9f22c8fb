// The rule against deleting from ignorance when most of a table is missing at once: the operator
// keeps it for a source's lists, the agent for plans. Pure.
#pragma once

#include <cstddef>
#include <set>

namespace lvs {

// Fewer are never held: deleting a handful is ordinary work.
inline constexpr std::size_t kFewestHeldDeletions = 10;

// Of `missing`, which nobody was seen deleting, what must stay for now: all of it where it is more
// than half of the `known` things (those that are missing count among them), and otherwise what was
// `held` before. So what is held stays held until it is there again, its deletion is seen, or the
// administrator accepts it, however many others come meanwhile.
template <typename Key>
[[nodiscard]] std::set<Key> deletions_to_hold(const std::set<Key>& missing, std::size_t known,
                                              const std::set<Key>& held) {
  if (missing.size() >= kFewestHeldDeletions && missing.size() * 2 > known) return missing;
  std::set<Key> still_held;
  for (const Key& key : missing) {
    if (held.contains(key)) still_held.insert(still_held.end(), key);
  }
  return still_held;
}

}  // namespace lvs
