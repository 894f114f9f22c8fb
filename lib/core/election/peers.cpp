#include "core/election/peers.h"

#include <algorithm>
#include <utility>

namespace lvs {
namespace {

// A heartbeat of a boot before the last few would have to be very late.
constexpr std::size_t kEndedBoots = 4;

bool contains(const auto& list, const auto& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

void end_boot(Peer& peer) {
  peer.ended_boots.push_back(peer.boot);
  if (peer.ended_boots.size() > kEndedBoots) peer.ended_boots.erase(peer.ended_boots.begin());
}

}  // namespace

Peers::Peers(std::string self, const ElectionConfig& config) : silence_(config.silence()) {
  peers_.emplace_back().name = std::move(self);
}

NodeId Peers::find(const std::string& name) const {
  for (NodeId id = 0; id < count(); ++id) {
    if (peers_[id].name == name) return id;
  }
  return kNobody;
}

NodeId Peers::intern(const std::string& name) {
  const NodeId known = find(name);
  if (known != kNobody) return known;
  peers_.emplace_back().name = name;
  return count() - 1;
}

NodeId Peers::owner_of(const HardwareAddress& address) const {
  for (NodeId id = 0; id < count(); ++id) {
    if (contains(peers_[id].hardware, address)) return id;
  }
  return kNobody;
}

Peers::Heard Peers::hear(const Heartbeat& heartbeat, TimePoint now) {
  const NodeId id = intern(heartbeat.node);
  Peer& peer = peers_[id];
  const bool restarted = peer.heard && heartbeat.boot != peer.boot;
  const bool late = restarted ? contains(peer.ended_boots, heartbeat.boot)
                              : peer.heard && heartbeat.sequence <= peer.sequence;
  if (id == kSelf || late) {
    ++peer.ignored;
    return Heard::kIgnored;
  }
  if (restarted) end_boot(peer);
  const bool same = peer.alive && !restarted && peer.warm == heartbeat.warm &&
                    peer.available == heartbeat.available && peer.hardware == heartbeat.hardware;
  count_sequence(peer, heartbeat);
  peer.heard = true;
  peer.alive = true;
  peer.boot = heartbeat.boot;
  peer.sequence = heartbeat.sequence;
  peer.last_heard = now;
  peer.sequence_heard = now;
  peer.warm = heartbeat.warm;
  peer.available = heartbeat.available;
  peer.hardware = heartbeat.hardware;
  if (restarted) return Heard::kRestarted;
  return same ? Heard::kSame : Heard::kReturned;
}

void Peers::count_sequence(Peer& peer, const Heartbeat& heartbeat) {
  ++peer.received;
  if (peer.heard && peer.boot == heartbeat.boot) {
    peer.missed += heartbeat.sequence - peer.sequence - 1;
  }
}

void Peers::learn_hardware(NodeId id, const HardwareAddress& address) {
  if (!contains(peers_[id].hardware, address)) peers_[id].hardware.push_back(address);
}

std::vector<NodeId> Peers::expire(TimePoint now) {
  std::vector<NodeId> silent;
  for (NodeId id = 1; id < count(); ++id) {
    Peer& peer = peers_[id];
    if (!peer.alive || now - peer.last_heard <= silence_) continue;
    peer.alive = false;
    silent.push_back(id);
  }
  return silent;
}

void Peers::excuse_silence(TimePoint now) {
  for (Peer& peer : peers_) {
    if (peer.alive) peer.last_heard = now;
  }
}

TimePoint Peers::next_expiry() const {
  TimePoint next = TimePoint::max();
  for (const Peer& peer : peers_) {
    if (peer.alive) next = std::min(next, peer.last_heard + silence_ + Duration{1});
  }
  return next;
}

std::vector<HeartbeatEcho> Peers::echoes(TimePoint now) const {
  std::vector<HeartbeatEcho> echoes;
  for (const Peer& peer : peers_) {
    if (!peer.alive) continue;
    echoes.push_back({peer.name, peer.boot, peer.sequence, now - peer.sequence_heard});
  }
  return echoes;
}

}  // namespace lvs
