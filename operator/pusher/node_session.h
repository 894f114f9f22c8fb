// What to send to one node's agent next. Pure: events, time and randomness in, orders out; the
// loop's thread only.
//
// Whoever talks to an agent first asks what it has stored. Where that is the plan from which our
// queued edits start, they go as a patch; otherwise the whole plan goes. After anything that went
// wrong the agent is asked again, so that a lost answer is never taken for a lost plan.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/backoff.h"
#include "core/plan.h"
#include "operator/events.h"

namespace lvs {

// The agent was not reached, or died on the way: nothing was decided there.
[[nodiscard]] bool is_connection_error(ErrorCode code);

struct PushOrder {
  PushKind kind = PushKind::kProbe;
  std::shared_ptr<const NodePlan> plan;  // kPut
  PlanPatch patch;                       // kPatch
};

class NodeSession {
 public:
  explicit NodeSession(std::uint64_t term) : term_(term) {}

  // The node's plan has changed by these edits.
  void plan_edited(const std::vector<PlanEdit>& edits);
  // It is another one altogether.
  void plan_replaced();
  // The agent told what it has; `stored` may be older than what is known from a push.
  void reported(const StoredPlan& stored, TimePoint now);
  void finished(PushKind kind, const Result<StoredPlan>& stored, TimePoint now, double random);

  // What to send now; it is then under way until finished().
  [[nodiscard]] std::optional<PushOrder> next(const HashedPlan& wanted, TimePoint now);
  // When to ask next() again although nothing has happened.
  [[nodiscard]] std::optional<TimePoint> retry_at() const { return retry_at_; }
  // The last push that failed, until one succeeds.
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  struct InFlight {
    PushKind kind = PushKind::kProbe;
    ContentHash from;
    ContentHash to;
    std::vector<PlanEdit> edits;
  };
  void failed(const Error& error, TimePoint now, double random);
  void succeeded(const InFlight& done, const StoredPlan& stored, TimePoint now, double random);
  void start_queue_at(const ContentHash& hash);
  PushOrder order_put(const HashedPlan& wanted);
  PushOrder order_patch(const HashedPlan& wanted);

  std::uint64_t term_;
  std::optional<StoredPlan> known_;  // empty: ask
  bool put_next_ = false;            // a patch will not do
  ContentHash queue_from_;
  std::vector<PlanEdit> queue_;
  std::optional<InFlight> in_flight_;
  std::optional<TimePoint> retry_at_;
  std::optional<Error> error_;
  Backoff backoff_{BackoffPolicy{Duration(100), Duration(10'000)}};
};

}  // namespace lvs
