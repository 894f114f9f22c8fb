// What the election is told. Facts only: who does what about them is its business.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/election/heartbeat.h"

namespace lvs {

struct ElectedVip {
  IpAddress vip;
  std::vector<std::string> candidates;  // in the order of claim
  // A candidate of higher order that is warm takes the VIP back after so long; empty: never.
  std::optional<Duration> preempt_after;
  // The term that this node stored last (0: none): what survives when all restart at once.
  std::uint64_t remembered_term = 0;

  friend bool operator==(const ElectedVip&, const ElectedVip&) = default;
};

// The whole list of VIPs that this node may hold.
struct VipsPlanned {
  std::vector<ElectedVip> vips;
};

// Authenticated; replays and disorder may come through.
struct HeartbeatReceived {
  Heartbeat heartbeat;
};
// Known by other means than a heartbeat: an answer on the wire, the node's own links.
struct HardwareLearnt {
  std::string node;
  HardwareAddress address;
};

// Somebody answered AskWire.
struct WireAnswered {
  IpAddress vip;
  HardwareAddress from;
};
// AskWire could not be sent: its silence proves nothing.
struct WireAskFailed {
  IpAddress vip;
};
// A gratuitous ARP or an unsolicited neighbour advertisement of somebody else.
struct AnnouncementSeen {
  IpAddress vip;
  HardwareAddress from;
};

struct LeaseView {
  std::string version;  // for the compare-and-swap; empty: the Lease does not exist yet
  std::string holder;   // empty: nobody
  std::uint64_t term = 0;

  friend bool operator==(const LeaseView&, const LeaseView&) = default;
};
// As read or watched. After a ClaimLease that met a conflict it must come, too.
struct LeaseSeen {
  IpAddress vip;
  LeaseView lease;
};
// Our ClaimLease was written; this is what stands there now.
struct LeaseGranted {
  IpAddress vip;
  LeaseView lease;
};
// Our ClaimLease met a conflict: somebody was faster. (No answer at all needs no event.)
struct LeaseRefused {
  IpAddress vip;
};
// The Lease of a director itself.
struct DirectorLeaseSeen {
  std::string node;
  bool fresh = false;
};

enum class Fitness : std::uint8_t {
  kUnknown,        // not looked yet
  kFit,            //
  kLinkDown,       // no carrier, or the interface is missing: nobody reaches the VIP here
  kSegmentSilent,  // link up, but no other machine was heard or answers: silence proves nothing
  kIpvsNotReady,   // IPVS is not as planned
  kPathBroken,     // the in-kernel path from VIP to real server failed its probe
};
// Own fitness for one VIP.
struct FitnessChanged {
  IpAddress vip;
  Fitness fitness = Fitness::kUnknown;
};

// Since when this kernel's connection table is kept in step with the others'; nothing: it should be
// and is not. Without this event: since the election began.
struct ConnectionsKept {
  std::optional<TimePoint> since;
};

// The kernel's truth about our address: after each HoldAddress, at start, at each look at the
// kernel, on each notification.
struct AddressSeen {
  IpAddress vip;
  bool present = false;
  Duration valid_for{0};  // Duration::max(): for ever
};
// HoldAddress was refused by the kernel, or came too late.
struct HoldFailed {
  IpAddress vip;
};

// From people and from the operator; for the holder.
struct MoveVip {
  IpAddress vip;
  std::optional<std::string> to;  // empty: whoever is next in order
};
struct DrainNode {};
struct UndrainNode {};
// The agent is about to end: hand over what can be handed over.
struct LeaveElection {};

// Nothing but time.
struct Tick {};

using ElectionEvent =
    std::variant<VipsPlanned, HeartbeatReceived, HardwareLearnt, WireAnswered, WireAskFailed,
                 AnnouncementSeen, LeaseSeen, LeaseGranted, LeaseRefused, DirectorLeaseSeen,
                 FitnessChanged, ConnectionsKept, AddressSeen, HoldFailed, MoveVip, DrainNode,
                 UndrainNode, LeaveElection, Tick>;

}  // namespace lvs
