// Destinations that the plan no longer holds keep their connections until they are empty or their
// time is over. Level-triggered: the ledger only remembers since when; losing it starts the time
// again and breaks nothing.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "core/ipvs.h"
#include "core/observed.h"

namespace lvs {

class DrainLedger {
 public:
  // Is the drain of this destination over? The first question starts its time. Over means: no
  // active and no inactive connection for two looks in a row or the timeout has passed since the
  // first. (Two looks: a connection may be on its way between weight 0 and the first.)
  [[nodiscard]] bool is_over(const ServiceKey& service, const ObservedDestination& destination,
                             Duration timeout, TimePoint now);
  void forget(const ServiceKey& service, const DestinationKey& destination);
  void forget(const ServiceKey& service);
  [[nodiscard]] bool empty() const { return since_.empty(); }
  // Services with a drain under way: to be looked at again soon.
  [[nodiscard]] std::vector<ServiceKey> services() const;
  // The destinations of one service that are remembered, sorted.
  [[nodiscard]] std::vector<DestinationKey> destinations(const ServiceKey& service) const;

 private:
  struct Entry {
    TimePoint since;
    TimePoint looked;
    bool was_empty = false;
  };
  std::map<std::pair<ServiceKey, DestinationKey>, Entry> since_;
};

}  // namespace lvs
