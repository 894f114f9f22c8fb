// What the election wants done. In order; none waits for another.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "core/election/heartbeat.h"

namespace lvs {

// To every other candidate of any VIP.
struct SendHeartbeat {
  Heartbeat heartbeat;
  bool operator==(const SendHeartbeat&) const = default;
};
// One ARP request or neighbour solicitation, without taking the address.
struct AskWire {
  IpAddress vip;
  bool operator==(const AskWire&) const = default;
};
struct ReadLease {
  IpAddress vip;
  bool operator==(const ReadLease&) const = default;
};
// Write holder = this node and transitions = term, if the Lease is still at `version` (empty:
// create it). On a conflict: LeaseRefused, then LeaseSeen.
struct ClaimLease {
  IpAddress vip;
  std::string version;
  std::uint64_t term = 0;
  bool operator==(const ClaimLease&) const = default;
};
struct RenewDirectorLease {
  bool operator==(const RenewDirectorLease&) const = default;
};
// Put the address on, or refresh it, for `lifetime`. Look at the clock immediately before the
// write: after `not_after` it is HoldFailed, for then somebody else may have the VIP.
struct HoldAddress {
  IpAddress vip;
  Duration lifetime{0};
  TimePoint not_after;
  bool handed_over = false;  // by a living holder, who still serves
  bool operator==(const HoldAddress&) const = default;
};
struct ReleaseAddress {
  IpAddress vip;
  bool operator==(const ReleaseAddress&) const = default;
};
// One gratuitous ARP or unsolicited neighbour advertisement.
struct Announce {
  IpAddress vip;
  bool operator==(const Announce&) const = default;
};

enum class ElectionNews : std::uint8_t {
  kTook,            // nobody had it
  kAdopted,         // the kernel still had it from before the restart
  kAccepted,        // from a holder that offered it
  kHandedOver,      // to the successor that it was offered to
  kGaveWay,         // to a holder of higher term or, at equal terms, of higher order
  kLetGo,           // own link is down, or a newer holder is on a segment that is not reached
  kStalled,         // not looked after for a lifetime: it is won anew or not at all
  kRestored,        // somebody else had removed the address
  kRetired,         // it left the plan
  kHoldFailed,      // the kernel did not take the address
  kHeartbeatsLost,  // the holder is not heard but answers on the wire: no move
  kStranger,        // a machine that is no director claims the VIP
  kTwoHolders,      // another director has it, too
  kMoveFailed,      // nobody could take it
};
[[nodiscard]] std::string to_string(ElectionNews news);  // CamelCase, for logs

struct ReportNews {
  IpAddress vip;
  ElectionNews news = ElectionNews::kTook;
  std::string other;  // the previous holder, the successor, the rival; may be empty
  std::uint64_t term = 0;
  MoveReason reason = MoveReason::kNobodyHadIt;  // of kTook, kAccepted and kAdopted
  bool operator==(const ReportNews&) const = default;
};

using ElectionAction =
    std::variant<SendHeartbeat, AskWire, ReadLease, ClaimLease, RenewDirectorLease, HoldAddress,
                 ReleaseAddress, Announce, ReportNews>;
using ElectionActions = std::vector<ElectionAction>;

}  // namespace lvs
