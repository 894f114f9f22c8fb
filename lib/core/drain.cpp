#include "core/drain.h"

#include <limits>

namespace lvs {
namespace {

constexpr DestinationKey kFirstKey{IpAddress(), 0};
// Two readings of the same moment are one look.
constexpr Duration kLookSpacing{500};

}  // namespace

bool DrainLedger::is_over(const ServiceKey& service, const ObservedDestination& destination,
                          Duration timeout, TimePoint now) {
  const auto [place, first] =
      since_.try_emplace({service, destination.key}, Entry{now, now, false});
  Entry& entry = place->second;
  if (now - entry.since >= timeout) return true;
  if (!first && now - entry.looked < kLookSpacing) return false;
  entry.looked = now;
  // Before its weight was 0 new connections were on their way: such a look proves nothing.
  const bool empty = destination.config.weight == 0 && destination.connections.active == 0 &&
                     destination.connections.inactive == 0;
  const bool over = empty && entry.was_empty;
  entry.was_empty = empty;
  return over;
}

void DrainLedger::forget(const ServiceKey& service, const DestinationKey& destination) {
  since_.erase({service, destination});
}

void DrainLedger::forget(const ServiceKey& service) {
  for (const DestinationKey& destination : destinations(service)) forget(service, destination);
}

std::vector<DestinationKey> DrainLedger::destinations(const ServiceKey& service) const {
  std::vector<DestinationKey> found;
  for (auto at = since_.lower_bound({service, kFirstKey});
       at != since_.end() && at->first.first == service; ++at) {
    found.push_back(at->first.second);
  }
  return found;
}

std::vector<ServiceKey> DrainLedger::services() const {
  std::vector<ServiceKey> found;
  for (const auto& [key, entry] : since_) {
    if (found.empty() || found.back() != key.first) found.push_back(key.first);
  }
  return found;
}

}  // namespace lvs
