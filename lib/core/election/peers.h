// The other directors as they are heard: alive or not, which hardware, how good the path.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/election/config.h"
#include "core/election/heartbeat.h"

namespace lvs {

using NodeId = std::uint32_t;
inline constexpr NodeId kSelf = 0;
inline constexpr NodeId kNobody = ~NodeId{0};

struct Peer {
  std::string name;
  bool heard = false;  // ever
  bool alive = false;  // heard within the silence that makes suspect
  bool warm = false;
  bool available = false;
  bool lease_fresh = false;  // the director's own Lease was renewed
  std::uint64_t boot = 0;
  std::uint64_t sequence = 0;
  TimePoint last_heard;
  TimePoint sequence_heard;                // when `sequence` came
  std::vector<std::uint64_t> ended_boots;  // the latest; their late heartbeats are ignored
  std::vector<HardwareAddress> hardware;
  // For people.
  Duration round_trip{0};
  std::uint64_t received = 0;
  std::uint64_t missed = 0;   // gaps in the sequence
  std::uint64_t ignored = 0;  // late, repeated, or of an ended boot
};

// Names become small numbers: number 0 is this node. A name keeps its number.
class Peers {
 public:
  Peers(std::string self, const ElectionConfig& config);

  [[nodiscard]] NodeId intern(const std::string& name);
  // kNobody: never met.
  [[nodiscard]] NodeId find(const std::string& name) const;
  [[nodiscard]] const Peer& at(NodeId id) const { return peers_[id]; }
  [[nodiscard]] Peer& at(NodeId id) { return peers_[id]; }
  [[nodiscard]] NodeId count() const { return static_cast<NodeId>(peers_.size()); }
  [[nodiscard]] bool alive(NodeId id) const { return peers_[id].alive; }
  // kNobody: no director is known to have it.
  [[nodiscard]] NodeId owner_of(const HardwareAddress& address) const;

  enum class Heard {
    kIgnored,    // late, repeated, or our own
    kSame,       // alive as before
    kReturned,   // was not alive, or its flags changed
    kRestarted,  // a new boot: what it said before is void
  };
  Heard hear(const Heartbeat& heartbeat, TimePoint now);
  void learn_hardware(NodeId id, const HardwareAddress& address);
  // Those that fell silent. Each is named once.
  [[nodiscard]] std::vector<NodeId> expire(TimePoint now);
  // We did not listen: nobody's silence until now means anything.
  void excuse_silence(TimePoint now);
  [[nodiscard]] TimePoint next_expiry() const;
  [[nodiscard]] std::vector<HeartbeatEcho> echoes(TimePoint now) const;

 private:
  friend class Fingerprint;
  void count_sequence(Peer& peer, const Heartbeat& heartbeat);

  Duration silence_;
  std::vector<Peer> peers_;
};

}  // namespace lvs
