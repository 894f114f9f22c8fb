// Which of several operators leads: the decision, as a function of the Lease that was read and of
// this process' own clock. No clock of another machine plays a part.
//
// A leader that cannot reach the API server goes on: what it pushes carries its term, and an agent
// that has heard of a later leader refuses it. So two leaders do no harm, and an API server that is
// away stops nobody. Pure.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "kube/lease.h"

namespace lvs {

class Leadership {
 public:
  // `self` must be another for every process; `duration`: a leader that was silent for so long is
  // replaced.
  Leadership(std::string self, Duration duration) : self_(std::move(self)), duration_(duration) {}

  // The Lease to write, now that `seen` was read (empty version: there is none yet): the first, a
  // renewal or a claim, whose transitions are the term. Nothing: another leads.
  [[nodiscard]] std::optional<Lease> wish(const Lease& seen, TimePoint now,
                                          const std::string& wall_time);
  // The API server did not answer. Its silence is not the leader's.
  void not_seen() { unchanged_since_.reset(); }

  // So that the next one need not wait.
  [[nodiscard]] Lease given_up(Lease held) const;
  [[nodiscard]] bool leads(const Lease& lease) const { return lease.holder == self_; }

 private:
  [[nodiscard]] Lease claim(const Lease& seen, const std::string& wall_time);
  [[nodiscard]] bool is_silent(const Lease& seen, TimePoint now);

  std::string self_;
  Duration duration_;
  std::uint64_t highest_term_ = 0;  // a Lease that was deleted or restored does not take it back
  std::string version_;             // of the Lease when it last changed
  std::optional<TimePoint> unchanged_since_;
};

}  // namespace lvs
