// Tells when links or addresses of this network namespace change, whoever changes them.
//
// Threads: one of its own, on which the callback runs; the callback must not destroy the monitor.
// Many changes make one call: the first at once, those that follow within kQuiet in one more. Lost
// events (ENOBUFS) count as a change; another lifetime of an address does not. It says only that
// something changed: dump to learn what.
#pragma once

#include <functional>
#include <memory>
#include <thread>

#include "agent/kernel/network_news.h"
#include "base/clock.h"
#include "base/result.h"

namespace lvs {

class NetworkMonitor {
 public:
  using OnChange = std::function<void()>;
  static constexpr Duration kQuiet{50};

  // Listens from the moment this returns, in the network namespace of the calling thread.
  static Result<std::unique_ptr<NetworkMonitor>> start(OnChange on_change);
  // Stops the thread and waits for it.
  ~NetworkMonitor();
  NetworkMonitor(const NetworkMonitor&) = delete;
  NetworkMonitor& operator=(const NetworkMonitor&) = delete;

 private:
  explicit NetworkMonitor(OnChange on_change) : on_change_(std::move(on_change)) {}
  Result<void> open();
  void run();
  // False: stop.
  [[nodiscard]] bool wait_for_event() const;
  [[nodiscard]] bool pause() const;
  // True: something new was among it.
  bool drain();

  OnChange on_change_;
  int events_ = -1;
  int stop_ = -1;
  netlink::NetworkNews news_;  // the thread's
  std::thread thread_;
};

}  // namespace lvs
