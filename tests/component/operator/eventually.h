// Waits for what other threads bring about: soon on an idle machine, generously on a busy one.
#pragma once

#include <chrono>
#include <thread>

namespace lvs {

template <typename Condition>
[[nodiscard]] bool eventually(const Condition& condition) {
  constexpr std::chrono::seconds kDeadline{20};
  constexpr std::chrono::milliseconds kStep{5};
  const auto end = std::chrono::steady_clock::now() + kDeadline;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(kStep);
  }
  return true;
}

// For what must not happen: long enough to have happened.
template <typename Condition>
[[nodiscard]] bool stays(const Condition& condition) {
  constexpr std::chrono::milliseconds kLongEnough{300};
  const auto end = std::chrono::steady_clock::now() + kLongEnough;
  while (std::chrono::steady_clock::now() < end) {
    if (!condition()) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace lvs
