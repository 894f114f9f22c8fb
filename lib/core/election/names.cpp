#include "core/election/action.h"
#include "core/election/view.h"

namespace lvs {

std::string to_string(ElectionNews news) {
  switch (news) {
    case ElectionNews::kTook:
      return "Took";
    case ElectionNews::kAdopted:
      return "Adopted";
    case ElectionNews::kAccepted:
      return "Accepted";
    case ElectionNews::kHandedOver:
      return "HandedOver";
    case ElectionNews::kGaveWay:
      return "GaveWay";
    case ElectionNews::kLetGo:
      return "LetGo";
    case ElectionNews::kStalled:
      return "Stalled";
    case ElectionNews::kRestored:
      return "Restored";
    case ElectionNews::kRetired:
      return "Retired";
    case ElectionNews::kHoldFailed:
      return "HoldFailed";
    case ElectionNews::kHeartbeatsLost:
      return "HeartbeatsLost";
    case ElectionNews::kStranger:
      return "StrangerClaimsVip";
    case ElectionNews::kTwoHolders:
      return "TwoHolders";
    case ElectionNews::kMoveFailed:
      return "MoveFailed";
  }
  return {};
}

std::string to_string(ElectionPhase phase) {
  switch (phase) {
    case ElectionPhase::kStandby:
      return "Standby";
    case ElectionPhase::kAsking:
      return "Asking";
    case ElectionPhase::kAccepting:
      return "Accepting";
    case ElectionPhase::kTaking:
      return "Taking";
    case ElectionPhase::kHolding:
      return "Holding";
    case ElectionPhase::kRestoring:
      return "Restoring";
  }
  return {};
}

std::string to_string(ElectionCondition condition) {
  switch (condition) {
    case ElectionCondition::kNone:
      return {};
    case ElectionCondition::kHeartbeatsLost:
      return "HeartbeatsLost";
    case ElectionCondition::kNotFit:
      return "NotFit";
    case ElectionCondition::kNoSuccessor:
      return "NoSuccessor";
    case ElectionCondition::kTwoHolders:
      return "TwoHolders";
    case ElectionCondition::kStranger:
      return "StrangerClaimsVip";
    case ElectionCondition::kLeaseElsewhere:
      return "LeaseElsewhere";
    case ElectionCondition::kLeaseUnreadable:
      return "LeaseUnreadable";
  }
  return {};
}

std::string to_string(MoveReason reason) {
  switch (reason) {
    case MoveReason::kNobodyHadIt:
      return "NoHolder";
    case MoveReason::kHeartbeatLost:
      return "HeartbeatLost";
    case MoveReason::kLetGo:
      return "HolderLetGo";
    case MoveReason::kAgentRestarted:
      return "AgentRestarted";
    case MoveReason::kRequested:
      return "FailoverRequested";
    case MoveReason::kDrained:
      return "DirectorDrained";
    case MoveReason::kAgentStopped:
      return "AgentStopped";
    case MoveReason::kNotFit:
      return "HolderNotFit";
    case MoveReason::kPlanChanged:
      return "PlanChanged";
    case MoveReason::kPreempted:
      return "Preempted";
  }
  return {};
}

}  // namespace lvs
