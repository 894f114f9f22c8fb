// A thread-safe queue with one reader: how everything reaches a loop. Many threads post, the loop
// takes; nothing else is shared between them.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "base/clock.h"

namespace lvs {

template <typename Message>
class Mailbox {
 public:
  // Any thread; never blocks.
  void post(Message message) {
    {
      const std::lock_guard lock(mutex_);
      queue_.push_back(std::move(message));
    }
    arrived_.notify_one();
  }

  // The reader only: the oldest message, or nothing when none is there.
  [[nodiscard]] std::optional<Message> take() {
    const std::lock_guard lock(mutex_);
    return take_locked();
  }

  // The reader only: waits until a message is there or the time is over.
  [[nodiscard]] std::optional<Message> wait_for(Duration longest) {
    std::unique_lock lock(mutex_);
    arrived_.wait_for(lock, longest, [this] { return !queue_.empty(); });
    return take_locked();
  }

  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return queue_.size();
  }

 private:
  std::optional<Message> take_locked() {
    if (queue_.empty()) return std::nullopt;
    std::optional<Message> message(std::move(queue_.front()));
    queue_.pop_front();
    return message;
  }

  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Message> queue_;
};

}  // namespace lvs
