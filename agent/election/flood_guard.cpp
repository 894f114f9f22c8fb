#include "agent/election/flood_guard.h"

#include <algorithm>
#include <utility>

namespace lvs {

bool TokenBucket::take(TimePoint now) {
  const std::chrono::duration<double> since = now - std::exchange(filled_, now);
  tokens_ = std::min(tokens_ + std::max(since.count(), 0.0) * per_second_, per_second_);
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

void FloodGuard::set_peers(const std::vector<IpAddress>& addresses) {
  std::map<IpAddress, Peer> peers;
  for (const IpAddress& address : addresses) {
    const auto known = peers_.find(address);
    peers.emplace(address, known != peers_.end() ? known->second : Peer{});
  }
  peers_ = std::move(peers);
}

bool FloodGuard::admit(const IpAddress& from, std::uint64_t boot, TimePoint now) {
  const auto known = peers_.find(from);
  if (known == peers_.end()) return strangers_.take(now);
  Peer& peer = known->second;
  const bool familiar = peer.boot != 0 && peer.boot == boot;
  return (familiar ? peer.familiar : peer.unfamiliar).take(now);
}

void FloodGuard::learn(const IpAddress& from, std::uint64_t boot) {
  const auto known = peers_.find(from);
  if (known != peers_.end()) known->second.boot = boot;
}

}  // namespace lvs
