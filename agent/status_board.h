// The node's status, its revision, and who waits for the next one.
//
// Threads: the agent loop only.
#pragma once

#include <optional>
#include <vector>

#include "agent/messages.h"
#include "base/clock.h"

namespace lvs {

class StatusBoard {
 public:
  // A status that says something new gets the next revision, and everyone who waits gets it.
  // False: nothing new.
  bool publish(NodeStatus status);
  // Waits only when `request.after` is the present revision. Revisions begin anew with the agent:
  // who has lost the connection asks without one.
  void poll(StatusPolled request, TimePoint now);
  // Answers those who have waited for the longest poll.
  void expire(TimePoint now);

  [[nodiscard]] std::optional<TimePoint> next_deadline() const;
  [[nodiscard]] const NodeStatus& status() const { return status_; }

 private:
  struct Waiting {
    StatusPolled request;
    TimePoint until;
  };

  NodeStatus status_;
  std::uint64_t revision_ = 0;
  std::vector<Waiting> waiting_;
};

}  // namespace lvs
