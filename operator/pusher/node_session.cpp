#include "operator/pusher/node_session.h"

#include <iterator>

namespace lvs {
namespace {

// Beyond this a patch is no cheaper than the whole plan.
constexpr std::size_t kMostQueued = 10'000;

}  // namespace

bool is_connection_error(ErrorCode code) {
  return code == ErrorCode::kUnavailable || code == ErrorCode::kTimeout;
}

const char* to_string(PushKind kind) {
  switch (kind) {
    case PushKind::kProbe:
      return "probe";
    case PushKind::kPut:
      return "put";
    case PushKind::kPatch:
      break;
  }
  return "patch";
}

void NodeSession::start_queue_at(const ContentHash& hash) {
  queue_.clear();
  queue_from_ = hash;
  put_next_ = false;
}

void NodeSession::plan_edited(const std::vector<PlanEdit>& edits) {
  if (queue_.size() + edits.size() > kMostQueued) plan_replaced();
  if (!put_next_) queue_.insert(queue_.end(), edits.begin(), edits.end());
}

void NodeSession::plan_replaced() {
  queue_.clear();
  put_next_ = true;
}

void NodeSession::reported(const StoredPlan& stored, TimePoint now) {
  // It answers again: no reason to wait any longer.
  if (error_ && is_connection_error(error_->code) && retry_at_) retry_at_ = now;
  if (!in_flight_ && known_ && known_->hash != stored.hash) known_.reset();
}

PushOrder NodeSession::order_put(const HashedPlan& wanted) {
  auto plan = std::make_shared<NodePlan>(wanted.plan());
  plan->term = term_;
  in_flight_ = InFlight{PushKind::kPut, {}, wanted.hash(), {}};
  start_queue_at(wanted.hash());
  return {PushKind::kPut, std::move(plan), {}};
}

PushOrder NodeSession::order_patch(const HashedPlan& wanted) {
  PushOrder order{PushKind::kPatch, nullptr, {}};
  order.patch = {*known_->hash, wanted.hash(), term_, queue_};
  in_flight_ = InFlight{PushKind::kPatch, *known_->hash, wanted.hash(), std::move(queue_)};
  start_queue_at(wanted.hash());
  return order;
}

std::optional<PushOrder> NodeSession::next(const HashedPlan& wanted, TimePoint now) {
  if (in_flight_ || (retry_at_ && now < *retry_at_)) return std::nullopt;
  retry_at_.reset();
  if (!known_) {
    in_flight_ = InFlight{};
    return PushOrder{};
  }
  if (known_->hash == wanted.hash()) {
    const bool patch_failed = put_next_;
    start_queue_at(wanted.hash());
    if (known_->term >= term_) return std::nullopt;
    return patch_failed ? order_put(wanted) : order_patch(wanted);  // no edit: it carries the term
  }
  if (!put_next_ && known_->hash == queue_from_) return order_patch(wanted);
  return order_put(wanted);
}

void NodeSession::finished(PushKind, const Result<StoredPlan>& stored, TimePoint now,
                           double random) {
  if (!in_flight_) return;
  auto done = std::move(*in_flight_);
  in_flight_.reset();
  if (stored) return succeeded(done, *stored, now, random);
  if (done.kind == PushKind::kPatch && !is_connection_error(stored.error().code)) {
    put_next_ = true;  // whatever is wrong with the patch, the whole plan is the answer
    return;
  }
  if (done.kind == PushKind::kPatch) {
    // Whether it arrived is not known; the question that follows will tell.
    done.edits.insert(done.edits.end(), std::make_move_iterator(queue_.begin()),
                      std::make_move_iterator(queue_.end()));
    queue_ = std::move(done.edits);
    queue_from_ = done.from;
  }
  known_.reset();
  failed(stored.error(), now, random);
}

void NodeSession::succeeded(const InFlight& done, const StoredPlan& stored, TimePoint now,
                            double random) {
  known_ = stored;
  if (done.kind == PushKind::kProbe) {
    // A connection is no proof that the push which failed will succeed now.
    if (error_ && is_connection_error(error_->code)) error_.reset();
    return;
  }
  if (stored.hash == done.to) {
    error_.reset();
    backoff_.reset();
    return;
  }
  put_next_ = true;
  failed({ErrorCode::kCorrupt,
          "the agent understood another plan than was sent; are its version and ours the same?"},
         now, random);
}

void NodeSession::failed(const Error& error, TimePoint now, double random) {
  error_ = error;
  retry_at_ = now + backoff_.next(random);
}

}  // namespace lvs
