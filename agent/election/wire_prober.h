// Asks the wire who has a VIP, and hears who says that he has one: ARP and neighbour discovery on
// packet sockets. Needs CAP_NET_RAW.
//
// It listens on the links of the watched VIPs, for each with one socket per family. Asking does not
// touch the node's own neighbour table, takes no address, and works whatever the node's sysctls.
//
// Threads: watch() and ask() on one, the agent loop's; `report` and `heard` are called on the
// prober's own thread and must be quick. All in the network namespace of the thread that opened it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "core/election/event.h"
#include "core/observed.h"

namespace lvs {

struct WatchedVip {
  IpAddress vip;
  ObservedLink link;

  friend bool operator==(const WatchedVip&, const WatchedVip&) = default;
};

using WireEvent = std::variant<WireAnswered, AnnouncementSeen>;

class WireProber {
 public:
  using Report = std::function<void(WireEvent)>;
  // Another machine said something about any address, on the link with this index.
  using Heard = std::function<void(int)>;

  static Result<std::unique_ptr<WireProber>> open(Report report, Heard heard);
  // After it neither is called any more.
  ~WireProber();
  WireProber(const WireProber&) = delete;
  WireProber& operator=(const WireProber&) = delete;

  // The whole list; to be called again when a link was exchanged for another of the same name or
  // has another hardware address. Links on which nobody asks (loopback, no ARP) are left out. An
  // error names the first link that cannot be listened on (the next call tries again); all others
  // are.
  Result<void> watch(const std::vector<WatchedVip>& vips);

  // One question. `source`: question_source() (neighbour_frames.h). The answer, if it comes, is
  // reported as WireAnswered; without a source IPv6 machines answer to all, which is
  // AnnouncementSeen. kUnavailable: it did not leave (WireAskFailed). kInvalidArgument: on that
  // link nobody asks.
  Result<void> ask(const IpAddress& vip, const ObservedLink& link,
                   const std::optional<IpAddress>& source);

 private:
  class Impl;
  explicit WireProber(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace lvs
