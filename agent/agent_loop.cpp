#include "agent/agent_loop.h"

#include <algorithm>

#include <malloc.h>

#include "core/diff.h"
#include "telemetry/log.h"

namespace lvs {
namespace {

constexpr Duration kDrainLook{1000};
constexpr Duration kLongestSleep{60'000};
// The memory of a plan's text that is as long as this is worth giving back.
constexpr std::size_t kLongPlan = std::size_t{1} << 20U;

}  // namespace

AgentLoop::AgentLoop(AgentOptions options, Kernel& kernel, Announcer* announcer, const Clock& clock,
                     AgentMetrics& metrics)
    : options_(std::move(options)),
      clock_(clock),
      metrics_(metrics),
      desk_(options_.identity.node, options_.state_folder, problems_),
      programmer_(kernel, problems_, metrics),
      network_(kernel, announcer, options_.run_folder, problems_, metrics),
      state_walk_(kernel) {}

void AgentLoop::start() {
  const TimePoint now = clock_.now();
  network_.start();
  desk_.load();
  following_ = desk_.has_plan();
  started_ = !desk_.has_plan();
  plan_arrived_ = now;
  next_reconcile_ = now + options_.reconcile_interval;
  if (desk_.has_plan()) metrics_.plan_stored(desk_.hash(), clock_.wall_now());
  publish_status();
}

void AgentLoop::run() {
  bool busy = true;
  while (!stopping_) {
    auto message = mailbox_.wait_for(busy ? Duration{0} : until_next_deadline());
    if (message) std::visit([this](auto& each) { handle(each); }, *message);
    busy = turn();
  }
  board_.expire(TimePoint::max());
}

bool AgentLoop::turn() {
  take_messages();
  if (stopping_) return false;
  const TimePoint now = clock_.now();
  run_timers(now);
  const bool worked = work(now);
  const bool walked = walk_state(now);
  settle(now);
  return worked || walked;
}

void AgentLoop::take_messages() {
  while (auto message = mailbox_.take()) {
    std::visit([this](auto& each) { handle(each); }, *message);
  }
}

void AgentLoop::handle(PlanArrived& message) {
  const std::size_t size = message.body.size();
  trim_wanted_ = trim_wanted_ || size > kLongPlan;
  tables_due_ = true;
  const PlanOutcome outcome = desk_.put(std::move(message.plan), std::move(message.body));
  follow(outcome, message.received);
  if (outcome.change) {
    log_info("plan stored", {{"hash", desk_.hash().to_string()},
                             {"term", desk_.plan().term},
                             {"services", desk_.plan().services.size()},
                             {"bytes", size}});
  }
  message.reply(outcome.answer);
}

void AgentLoop::handle(PatchArrived& message) {
  const PlanOutcome outcome = desk_.patch(message.patch, message.body);
  follow(outcome, message.received);
  if (outcome.change) {
    log_debug("patch stored",
              {{"hash", desk_.hash().to_string()}, {"edits", message.patch.edits.size()}});
  }
  message.reply(outcome.answer);
}

void AgentLoop::follow(const PlanOutcome& outcome, TimePoint received) {
  if (!outcome.change) return;
  programmer_.plan_changed(desk_.plan(), outcome.change->services);
  if (outcome.change->network) network_.look_again();
  if (!following_) plan_arrived_ = received;
  following_ = true;
  metrics_.plan_stored(desk_.hash(), clock_.wall_now());
}

void AgentLoop::handle(StatusPolled& message) { board_.poll(std::move(message), clock_.now()); }
void AgentLoop::handle(StateRequested& message) { state_walk_.add(std::move(message)); }
void AgentLoop::handle(HealthAsked& message) { message.reply(); }
void AgentLoop::handle(NetworkChanged& /*message*/) { network_.look_again(); }
void AgentLoop::handle(StopRequested& /*message*/) { stopping_ = true; }

void AgentLoop::run_timers(TimePoint now) {
  if (now >= next_reconcile_) {
    next_reconcile_ = now + options_.reconcile_interval;
    tables_due_ = true;
    programmer_.check_everything();
    network_.look_again();
  }
  if (!programmer_.drains().empty() && now >= next_drain_look_) {
    next_drain_look_ = now + kDrainLook;
    programmer_.check_drains();
  }
  network_.announce(now);
  board_.expire(now);
}

// The network first: a VIP that goes, goes before its services.
bool AgentLoop::work(TimePoint now) {
  if (!desk_.has_plan()) return false;
  bool worked = false;
  if (programmer_.prepare(desk_.plan(), now) && network_.is_due(gate(), now)) {
    network_.work(desk_.plan(), roles(), gate(), now);
    worked = true;
  }
  return programmer_.work(desk_.plan(), now) || worked;
}

bool AgentLoop::walk_state(TimePoint now) {
  if (!state_walk_.is_due()) return false;
  ChangeSet network_pending;
  if (desk_.has_plan()) {
    const auto wanted = realise_network(desk_.plan(), roles(), network_.observed());
    network_pending =
        diff_network(wanted.desired, network_.observed(), network_.saved()).operations;
  }
  state_walk_.work({desk_.has_plan() ? &desk_.plan() : nullptr, board_.status(),
                    programmer_.drains(), network_pending, now});
  return state_walk_.is_due();
}

void AgentLoop::settle(TimePoint now) {
  const bool settled =
      desk_.has_plan() && programmer_.is_settled() && !network_.is_due(gate(), now);
  if (settled && following_) {
    following_ = false;
    applied_ = desk_.hash();
    metrics_.plan_followed(now - plan_arrived_);
    log_debug("kernel follows the plan", {{"hash", applied_.to_string()}});
    finish_start();
  }
  publish_status();
  if (!settled || programmer_.has_work()) return;
  count_tables();
  desk_.compact();
  if (trim_wanted_) malloc_trim(0);
  trim_wanted_ = false;
}

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
  const std::size_t writes = programmer_.writes() + network_.writes();
  metrics_.start_writes(writes);
  log_info("kernel follows the plan", {{"writes", writes}, {"hash", applied_.to_string()}});
}

void AgentLoop::publish_status() {
  NodeStatus status =
      build_status({options_.identity, desk_, programmer_, network_, problems_, applied_});
  if (!board_.publish(std::move(status))) return;
  metrics_.status(board_.status());
}

Roles AgentLoop::roles() const { return roles_by_order(desk_.plan()); }

VipGate AgentLoop::gate() const {
  return {[this](const IpAddress& vip) { return programmer_.stands(vip, desk_.plan()); },
          [this](const IpAddress& vip) { return programmer_.holds_back(vip); }};
}

Duration AgentLoop::until_next_deadline() const {
  const TimePoint now = clock_.now();
  TimePoint next = std::min(now + kLongestSleep, next_reconcile_);
  if (!programmer_.drains().empty()) next = std::min(next, next_drain_look_);
  for (const auto& deadline :
       {programmer_.next_retry(), network_.next_deadline(), board_.next_deadline()}) {
    if (deadline) next = std::min(next, *deadline);
  }
  return std::max(next - now, Duration{0});
}

}  // namespace lvs
