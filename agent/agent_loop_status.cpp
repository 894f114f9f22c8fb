// What the loop tells of itself: the status for the operator and people, and metrics. Made anew only
// when something may have changed, for it costs what there is, not what happened.
#include "agent/agent_loop.h"
#include "core/diff.h"
#include "telemetry/log.h"

namespace lvs {
namespace {

constexpr Duration kCountEvery{1000};

}  // namespace

// Looks at every service: not for a single change.
void AgentLoop::count_tables() {
  if (!tables_due_) return;
  tables_due_ = false;
  const Mirror& mirror = programmer_.mirror();
  metrics_.tables(mirror.owned_count(), mirror.destination_count());
}

void AgentLoop::finish_start() {
  if (started_) return;
  started_ = true;
  const std::size_t writes =
      programmer_.writes() + network_.writes() + sync_.writes() + paths_.writes();
  metrics_.start_writes(writes);
  log_info("kernel follows the plan", {{"writes", writes}, {"hash", applied_.to_string()}});
}

bool AgentLoop::walk_state(TimePoint now) {
  if (!state_walk_.is_due()) return false;
  ChangeSet network_pending;
  if (desk_.has_plan()) {
    const auto wanted =
        realise_network(desk_.plan(), director_.roles(), network_.observed(), director_.others());
    network_pending =
        diff_network(wanted.desired, network_.observed(), network_.saved()).operations;
    for (const ChangeSet* left : {&sync_.pending(), &paths_.pending()}) {
      network_pending.insert(network_pending.end(), left->begin(), left->end());
    }
  }
  state_walk_.work({desk_.has_plan() ? &desk_.plan() : nullptr, board_.status(),
                    programmer_.drains(), programmer_.off_link(), health_.pools(),
                    programmer_.held(), network_pending, director_, now});
  return state_walk_.is_due();
}

bool AgentLoop::walk_statistics() {
  if (!statistics_walk_.is_due()) return false;
  statistics_walk_.work({desk_.plan(), programmer_.off_link(), health_, programmer_.mirror()});
  return statistics_walk_.is_due();
}

void AgentLoop::publish_status() {
  const TimePoint now = clock_.now();
  if (now >= next_count_) count_election(now);
  if (!status_pace_.allows(now)) return;
  const ElectionReport& elected = director_.report(now);
  const StatusChanges changes{elected.changes(), problems_.changes()};
  if (!status_stale_ && changes == published_) return;
  status_stale_ = false;
  published_ = changes;
  NodeStatus status =
      build_status({options_.identity, desk_, programmer_, network_, elected, problems_, applied_});
  status.unhealthy = health_.unhealthy();
  status.drained = director_.is_drained();
  if (board_.publish(std::move(status))) metrics_.status(board_.status());
  status_pace_.ran(now, clock_.now());
}

void AgentLoop::count_election(TimePoint now) {
  next_count_ = now + kCountEvery;
  metrics_.election().moves(director_.moves());
  metrics_.election().directors(director_.directors());
  metrics_.election().heartbeats(director_.heartbeat_stats());
  metrics_.health().counts(health_.counts());
}

}  // namespace lvs
