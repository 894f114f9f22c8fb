// What people are told of the election: who has each VIP, since when, from whom and why, and what
// between the directors is not as it should be. Nothing here changes by the mere passing of time,
// so that an idle node has nothing to report.
//
// Threads: the agent loop only.
#pragma once

#include <map>
#include <vector>

#include "agent/election/heartbeat_port.h"
#include "base/clock.h"
#include "core/election/view.h"
#include "core/report.h"
#include "wire/node_state.h"

namespace lvs {

class ElectionReport {
 public:
  // What has just happened; logs it.
  void hear(const ReportNews& news, WallTime now);
  void look(const std::vector<VipView>& vips);
  // Fills in what the election knows, and adds VIPs that have left the plan and are still here.
  void complete(std::vector<VipReport>& reports) const;
  // VIPs that came to this node, by MoveReason, and that left it, by ElectionNews; since the start.
  struct Moves {
    std::map<std::string, std::uint64_t> taken;
    std::map<std::string, std::uint64_t> released;
  };
  [[nodiscard]] const Moves& moves() const { return moves_; }
  // Grows when complete() would fill in something else.
  [[nodiscard]] unsigned long changes() const { return changes_; }

 private:
  struct Known {
    bool here = false;
    std::uint64_t term = 0;
    ElectedVipReport report;
    bool operator==(const Known&) const = default;
  };
  std::map<IpAddress, Known> known_;
  std::map<IpAddress, WallTime> since_;
  Moves moves_;
  unsigned long changes_ = 0;
};

// For who asks now: how the other directors are heard.
[[nodiscard]] std::vector<PeerReport> peer_reports(const std::vector<DirectorView>& directors,
                                                   TimePoint now);
[[nodiscard]] HeartbeatCounts heartbeat_counts(const HeartbeatStats& stats);

// "02:00:00:00:00:0b"
[[nodiscard]] std::string to_text(const HardwareAddress& address);

}  // namespace lvs
