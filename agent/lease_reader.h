// Reads the Leases of VIPs: a few one by one, many at once by a list. When a director dies, hundreds
// are asked for in one instant, and the API server's vote is waited for only so long.
//
// Threads: the calls come from any; each returns at once. The list is read on a thread of its own,
// where `seen` is called.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "base/ip_address.h"
#include "base/result.h"
#include "kube/lease.h"

namespace lvs {

class LeaseReader {
 public:
  struct Ways {
    std::function<void(const IpAddress&)> read_one;  // returns at once
    std::function<Result<std::vector<Lease>>()> list;
    // Null: there is none.
    std::function<void(const IpAddress&, const Lease*)> seen;
    std::function<std::string(const IpAddress&)> name_of;
  };

  explicit LeaseReader(Ways ways);
  ~LeaseReader();
  LeaseReader(const LeaseReader&) = delete;
  LeaseReader& operator=(const LeaseReader&) = delete;

  void read(const IpAddress& vip);
  // Around a claim. Its own answer tells how the Lease is; a list of the same time may be older.
  void claim_begins(const IpAddress& vip);
  void claim_ends(const IpAddress& vip);

 private:
  void work();
  void read_list(const std::set<IpAddress>& vips);

  const Ways ways_;
  std::mutex mutex_;  // of what follows
  std::condition_variable changed_;
  bool over_ = false;
  std::set<IpAddress> wanted_;
  std::multiset<IpAddress> claiming_;
  std::set<IpAddress> claimed_;  // since the list that is being read was asked for
  std::thread thread_;
};

}  // namespace lvs
