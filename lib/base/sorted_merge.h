// Two sorted lists (or maps) walked as one: what is only in the first, only in the second, in both.
#pragma once

#include <functional>

namespace lvs {

// Calls visit(before, after) with pointers to the elements of each key, in the order of the keys;
// null where the list has none. `key` names an element's key, or computes it; both lists are sorted
// by it, and it is unique in each. Linear.
template <typename List, typename Key, typename Visit>
void merge_sorted(const List& before, const List& after, const Key& key, const Visit& visit) {
  auto old = before.begin();
  auto now = after.begin();
  const auto precedes = [&key](const auto& a, const auto& b) {
    return std::invoke(key, a) < std::invoke(key, b);
  };
  while (old != before.end() || now != after.end()) {
    const bool has_old = old != before.end() && (now == after.end() || !precedes(*now, *old));
    const bool has_now = now != after.end() && (old == before.end() || !precedes(*old, *now));
    visit(has_old ? &*old : nullptr, has_now ? &*now : nullptr);
    if (has_old) ++old;
    if (has_now) ++now;
  }
}

}  // namespace lvs
