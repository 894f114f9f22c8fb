#include "agent/election/heartbeat_receiver.h"

#include <utility>

namespace lvs {
namespace {

HeartbeatTrouble trouble_of(DatagramFault fault) {
  switch (fault) {
    case DatagramFault::kBadKey:
      return HeartbeatTrouble::kBadKey;
    case DatagramFault::kBadMac:
      return HeartbeatTrouble::kBadMac;
    case DatagramFault::kMalformed:
      break;
  }
  return HeartbeatTrouble::kMalformed;
}

}  // namespace

void HeartbeatReceiver::set_peers(HeartbeatPeers peers) {
  peers_ = std::move(peers);
  peers_.erase(node_);
  std::vector<IpAddress> addresses;
  for (const auto& [_, list] : peers_) {
    for (const HeartbeatAddress& address : list) addresses.push_back(address.address);
  }
  floods_.set_peers(addresses);
  replays_.keep([&](const std::string& node) { return peers_.contains(node); });
}

std::optional<Heartbeat> HeartbeatReceiver::take(std::span<const std::uint8_t> datagram,
                                                 const IpAddress& from, TimePoint now) {
  const auto refuse = [&](HeartbeatTrouble trouble) {
    troubles_.count(trouble, from, now);
    return std::nullopt;
  };
  if (!floods_.admit(from, claimed_boot(datagram), now)) return refuse(HeartbeatTrouble::kTooMany);
  auto part = open_datagram(datagram, keys_);
  if (!part) return refuse(trouble_of(part.error()));
  auto heartbeat = assembler_.add(std::move(*part));
  if (!heartbeat) return std::nullopt;
  if (!*heartbeat) return refuse(HeartbeatTrouble::kMalformed);
  if (const auto trouble = judge(**heartbeat, now)) return refuse(*trouble);
  floods_.learn(from, (*heartbeat)->boot);
  ++received_;
  return std::move(**heartbeat);
}

std::optional<HeartbeatTrouble> HeartbeatReceiver::judge(const Heartbeat& heartbeat,
                                                         TimePoint now) {
  const auto peer = peers_.find(heartbeat.node);
  if (peer == peers_.end()) return HeartbeatTrouble::kUnknownSender;
  switch (replays_.judge(heartbeat, now)) {
    case ReplayGuard::Verdict::kLiving:
      break;
    case ReplayGuard::Verdict::kUnproven:
      return HeartbeatTrouble::kUnproven;
    case ReplayGuard::Verdict::kRepeated:
      return peer->second.size() > 1 ? HeartbeatTrouble::kRepeated : HeartbeatTrouble::kReplayed;
    case ReplayGuard::Verdict::kReplayed:
      return HeartbeatTrouble::kReplayed;
  }
  return std::nullopt;
}

Result<std::vector<Datagram>> HeartbeatReceiver::seal(Heartbeat heartbeat, TimePoint now) {
  replays_.add_challenges(heartbeat, now);
  return seal_heartbeat(heartbeat, keys_.signer());
}

}  // namespace lvs
