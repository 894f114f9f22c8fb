// Asks witnesses on the segment of a VIP (segment_watch.h): machines, no directors, whose hardware
// the kernel has found reachable lately.
//
// Threads: carries() on the agent loop, heard() on any. In the network namespace of the first call.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <vector>

#include "agent/election/wire_prober.h"
#include "agent/election_ports.h"
#include "agent/kernel/netlink_route.h"
#include "agent/segment_watch.h"

namespace lvs {

// Who can bear witness on a segment: confirmed lately, of that family (its answers are heard), and
// no other address of a machine in `elected`: those are what may have failed.
[[nodiscard]] std::vector<IpAddress> choose_witnesses(
    const std::vector<netlink::ObservedNeighbour>& neighbours, Family family,
    const std::function<bool(const IpAddress&)>& elected);

class SegmentProbe {
 public:
  // VIPs and the directors' own addresses.
  void set_elected(std::set<IpAddress> addresses) { elected_ = std::move(addresses); }
  // Before `vip` is asked for. False: nobody answers there at all, silence proves nothing.
  bool carries(const IpAddress& vip, const VipPlace& place, WireProber& prober);
  // Another machine spoke on this link.
  void heard(int link);

 private:
  struct Silence {
    std::string link;
    TimePoint since;
    bool said = false;  // in the log
  };

  void find_witnesses(const IpAddress& vip, int link);
  void say_silent(const ObservedLink& link);

  const SystemClock clock_{};
  std::set<IpAddress> elected_;
  std::map<int, std::vector<IpAddress>> witnesses_;  // by link
  netlink::Route route_;
  std::mutex mutex_;  // of what follows
  SegmentWatch watch_;
  std::map<int, Silence> silent_;  // by link
};

}  // namespace lvs
