// What people see of the election: for status, events and metrics.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "core/election/action.h"
#include "core/election/event.h"

namespace lvs {

enum class ElectionPhase : std::uint8_t {
  kStandby,
  kAsking,     // nobody is known to have it: asking the wire, then the Lease
  kAccepting,  // the holder offered it
  kTaking,     // decided; the kernel has not confirmed the address yet
  kHolding,
  kRestoring,  // the address was removed by somebody else: asking the wire before it is put back
};
[[nodiscard]] std::string to_string(ElectionPhase phase);

// What is not as it should be, and yet decided well.
enum class ElectionCondition : std::uint8_t {
  kNone,
  kHeartbeatsLost,   // the holder is not heard but answers on the wire
  kNotFit,           // this node may not take it, or holds it because nobody else can
  kNoSuccessor,      // to be handed over, but no other director is fit
  kTwoHolders,       // another director has it, too
  kStranger,         // a machine that is no director claims it
  kLeaseElsewhere,   // the Lease names a director that is not heard and does not have it here
  kLeaseUnreadable,  // the API server does not answer: the Lease may not say the truth
};
[[nodiscard]] std::string to_string(ElectionCondition condition);  // CamelCase; empty for kNone

struct VipView {
  IpAddress vip;
  ElectionPhase phase = ElectionPhase::kStandby;
  ElectionCondition condition = ElectionCondition::kNone;
  Fitness fitness = Fitness::kUnknown;
  std::string holder;  // as far as this node knows; empty: nobody
  std::uint64_t term = 0;
  ElectionNews news = ElectionNews::kTook;  // of the last change of role, if there was one
  // Of a VIP that this node has.
  std::string previous_holder;  // empty: nobody is known
  MoveReason reason = MoveReason::kNobodyHadIt;
  std::string standby;  // who could take it over now, in the order of claim; empty: nobody
  // Of kStranger: who claims it.
  HardwareAddress stranger{};
};

struct DirectorView {
  std::string node;
  bool alive = false;
  bool warm = false;
  bool available = false;
  TimePoint last_heard;
  Duration round_trip{0};
  std::uint64_t received = 0;
  std::uint64_t missed = 0;
  std::uint64_t ignored = 0;
};

}  // namespace lvs
