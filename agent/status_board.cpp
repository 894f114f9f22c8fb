#include "agent/status_board.h"

#include "wire/agent_api.h"

namespace lvs {

bool StatusBoard::publish(NodeStatus status) {
  if (revision_ != 0 && status == status_) return false;
  status_ = std::move(status);
  ++revision_;
  const std::vector<Waiting> waiting = std::move(waiting_);
  waiting_.clear();
  for (const Waiting& each : waiting) each.request.reply(status_, revision_);
  return true;
}

void StatusBoard::poll(StatusPolled request, TimePoint now) {
  const bool nothing_new = request.after && *request.after == revision_;
  if (!nothing_new) {
    request.reply(status_, revision_);
    return;
  }
  waiting_.push_back({std::move(request), now + kLongestPoll});
}

void StatusBoard::expire(TimePoint now) {
  std::erase_if(waiting_, [&](const Waiting& each) {
    if (each.until > now) return false;
    each.request.reply(status_, revision_);
    return true;
  });
}

std::optional<TimePoint> StatusBoard::next_deadline() const {
  if (waiting_.empty()) return std::nullopt;
  return waiting_.front().until;  // all wait equally long
}

}  // namespace lvs
