// Whether this node could serve each VIP, as the election is told: link and IPVS. A VIP that is new
// here is left for a while to those who go before: an order that is written down is kept when all
// start at once. Pure.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "agent/network_keeper.h"
#include "core/election/event.h"

namespace lvs {

class VipFitness {
 public:
  // `first`: this node goes before all others.
  struct Candidate {
    IpAddress vip;
    bool first = false;
    bool reached = false;  // the link where the VIP is or would be is there and up
  };

  // The whole list. What the election is to be told.
  std::vector<FitnessChanged> look(const std::vector<Candidate>& candidates, const VipGate& gate,
                                   TimePoint now);
  // There would be something to tell now.
  [[nodiscard]] bool is_due(const VipGate& gate, TimePoint now) const;
  // When is_due() will change by itself. What is due already waits for the next look().
  [[nodiscard]] std::optional<TimePoint> next_deadline(TimePoint now) const;
  // VIPs whose services do not stand.
  [[nodiscard]] const std::set<IpAddress>& waiting() const { return waiting_; }

 private:
  void hold_off(const std::vector<Candidate>& candidates, TimePoint now);

  std::map<IpAddress, Fitness> told_;
  std::set<IpAddress> waiting_;
  std::map<IpAddress, TimePoint> held_off_until_;
  std::map<IpAddress, TimePoint> untold_;  // of these; is_due() is asked at every turn
};

}  // namespace lvs
