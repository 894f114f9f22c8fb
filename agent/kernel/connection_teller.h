// Tells the other directors the youngest connections of VIPs that leave this node. The kernel's
// sync daemon tells the others' kernels of established connections only, some seconds later; by
// then the clients' packets have arrived where nobody knows them (ADR 10).
//
// Reads the kernel's connection table, for 3 s at the most: reading takes time by the square
// of its length. Threads: one of its own, from the first call on.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "base/ip_address.h"
#include "core/sync.h"

namespace lvs {

class ConnectionTeller {
 public:
  ConnectionTeller() = default;
  // Waits until all is told that was asked for.
  ~ConnectionTeller();
  ConnectionTeller(const ConnectionTeller&) = delete;
  ConnectionTeller& operator=(const ConnectionTeller&) = delete;

  // In the name of the kernel's master daemon: by its interface, group, port and id. Does not wait;
  // VIPs that come together are looked for together.
  void tell(const std::set<IpAddress>& vips, const SyncDaemon& master);

 private:
  struct Task {
    std::set<IpAddress> vips;
    SyncDaemon master;
  };
  void run();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::optional<Task> task_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace lvs
