// A scripted HttpClient: each call takes the next step of the script. No sockets.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "http/client.h"

namespace lvs::test {

// What a call does.
struct Step {
  HttpResponse response;           // its body goes to send(), and to stream() when not a success
  std::vector<std::string> lines;  // for stream()
  std::optional<Error> error;      // after the lines
  bool block = false;              // stream(): then wait for the stop
};

class FakeHttp final : public HttpClient {
 public:
  FakeHttp& then(Step step) {
    const std::lock_guard lock(mutex_);
    script_.push_back(std::move(step));
    return *this;
  }

  Result<HttpResponse> send(const HttpRequest& request) override {
    const Step step = next(request);
    if (step.error) return tl::unexpected(*step.error);
    return step.response;
  }

  Result<HttpResponse> stream(const HttpRequest& request, const LineHandler& on_line) override {
    const Step step = next(request);
    if (step.response.status != 200) return step.response;
    if (!step.error || !step.lines.empty()) {
      if (request.on_open) request.on_open();
    }
    for (const auto& line : step.lines) {
      if (!on_line(line)) return step.response;
    }
    if (step.block) wait_for_stop(request.stop);
    if (step.error) return tl::unexpected(*step.error);
    return step.response;
  }

  // Waits until every step has been taken, at most five seconds.
  void wait_for_end_of_script() {
    std::unique_lock lock(mutex_);
    taken_.wait_for(lock, std::chrono::seconds(20), [this] { return script_.empty(); });
  }

  // "GET /path?query" of every call so far.
  std::vector<std::string> calls() {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  HttpRequest last_request() {
    const std::lock_guard lock(mutex_);
    return last_;
  }

 private:
  Step next(const HttpRequest& request) {
    const std::lock_guard lock(mutex_);
    calls_.push_back(request.method + " " + request.path_and_query);
    last_ = request;
    if (script_.empty()) {
      Step idle;
      idle.block = true;
      idle.error = Error{ErrorCode::kUnavailable, "the script is over"};
      return idle;
    }
    Step step = std::move(script_.front());
    script_.pop_front();
    taken_.notify_all();
    return step;
  }

  void wait_for_stop(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, std::chrono::seconds(20), [] { return false; });
  }

  std::mutex mutex_;
  std::condition_variable taken_;
  std::deque<Step> script_;
  std::vector<std::string> calls_;
  HttpRequest last_;
};

inline Step answer(std::string body, int status = 200) {
  return {{status, {}, std::move(body)}, {}, {}, false};
}
inline Step failure(ErrorCode code, std::string message) {
  return {{}, {}, Error{code, std::move(message)}, false};
}
// A watch that delivers the lines and is then ended by the server.
inline Step watch(std::vector<std::string> lines) { return {{}, std::move(lines), {}, false}; }
// A watch that delivers the lines and is then cut.
inline Step cut_watch(std::vector<std::string> lines) {
  return {{}, std::move(lines), Error{ErrorCode::kUnavailable, "connection cut"}, false};
}
// A watch that delivers the lines and stays open.
inline Step open_watch(std::vector<std::string> lines = {}) {
  return {{}, std::move(lines), Error{ErrorCode::kUnavailable, "stopped"}, true};
}

}  // namespace lvs::test
