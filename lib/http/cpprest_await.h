// Internal to lib/http/cpprest_*: waiting for a pplx task with a deadline and a stop.
#pragma once

#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>

#include <pplx/pplxtasks.h>

#include "base/clock.h"

namespace lvs {

enum class AwaitOutcome { kDone, kTimeout, kStopped };

// One task's outcome. May be given up at any time: what the task still writes belongs to the shared
// state, and its exception counts as observed (pplx ends the process over one that nobody looked
// at).
template <typename T>
class Awaited {
 public:
  explicit Awaited(pplx::task<T> task) {
    task.then([state = state_](pplx::task<T> finished) {
      std::optional<T> value;
      std::exception_ptr error;
      try {
        value.emplace(finished.get());
      } catch (...) {
        error = std::current_exception();
      }
      const std::lock_guard lock(state->mutex);
      state->value = std::move(value);
      state->error = error;
      state->done = true;
      state->changed.notify_all();
    });
  }

  AwaitOutcome wait_until(TimePoint deadline, std::stop_token stop) {
    std::unique_lock lock(state_->mutex);
    const bool done =
        state_->changed.wait_until(lock, stop, deadline, [this] { return state_->done; });
    if (done) return AwaitOutcome::kDone;
    return stop.stop_requested() ? AwaitOutcome::kStopped : AwaitOutcome::kTimeout;
  }

  // Once, after kDone: the value, or the task's exception is thrown.
  T take() {
    const std::lock_guard lock(state_->mutex);
    if (state_->error) std::rethrow_exception(state_->error);
    return std::move(*state_->value);
  }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable_any changed;
    std::optional<T> value;
    std::exception_ptr error;
    bool done = false;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace lvs
