#include "agent/agent_loop.h"

#include <algorithm>
#include <utility>

#include <malloc.h>

#include "telemetry/log.h"

namespace lvs {
namespace {

constexpr Duration kDrainLook{1000};
constexpr Duration kLongestSleep{60'000};
// So long may it take to hand the VIPs over when the agent ends.
constexpr Duration kHandOver{8'000};
// The memory of a plan's text that is as long as this is worth giving back.
constexpr std::size_t kLongPlan = std::size_t{1} << 20U;

DirectorOptions director_options(const AgentOptions& all) {
  return {all.election, all.identity.node, all.identity.boot, all.run_folder};
}

}  // namespace

AgentLoop::AgentLoop(AgentOptions options, Kernel& kernel, Announcer* announcer, const Clock& clock,
                     AgentMetrics& metrics)
    : options_(std::move(options)),
      clock_(clock),
      metrics_(metrics),
      desk_(options_.identity.node, options_.state_folder, problems_),
      drain_mark_(options_.state_folder),
      programmer_(kernel, health_, problems_, metrics, options_.state_folder),
      network_(kernel, options_.run_folder, problems_, metrics),
      sync_(kernel, options_.sync, options_.run_folder, problems_, metrics),
      paths_(kernel, options_.probe_marks, options_.run_folder, problems_, metrics),
      director_(director_options(options_), announcer, clock),
      state_walk_(kernel),
      statistics_walk_(kernel, clock, options_.destination_statistics) {}

void AgentLoop::start(ElectionPorts* ports, HealthPort* health) {
  const TimePoint now = clock_.now();
  director_.connect(ports);
  health_.connect(health);
  network_.start();
  sync_.start(now);
  paths_.start();
  desk_.load();
  if (desk_.has_plan()) {
    health_.follow_all(desk_.plan());
    programmer_.plan_loaded(desk_.plan());
  }
  programmer_.load_deletions();
  if (const auto read = drain_mark_.load(); !read) {
    log_error("whether this node is drained is not known; it takes part",
              {{"error", read.error().message}});
  }
  director_.drain_here(drain_mark_.is_set(), now);
  following_ = desk_.has_plan();
  started_ = !desk_.has_plan();
  plan_arrived_ = now;
  next_reconcile_ = now + options_.reconcile_interval;
  next_keep_alive_ = now;
  if (desk_.has_plan()) {
    next_keep_alive_ += options_.election.lifetime / 3;  // the first look comes sooner
    metrics_.plan_stored(desk_.hash(), clock_.wall_now());
    metrics_.kernel_follows(false);
  }
  publish_status();
}

void AgentLoop::run() {
  bool busy = true;
  while (!stopping_) {
    auto message = mailbox_.wait_for(busy ? Duration{0} : until_next_deadline());
    if (message) take(*message);
    busy = turn();
  }
  board_.expire(TimePoint::max());
}

bool AgentLoop::turn() {
  take_messages();
  if (stopping_) return false;
  const TimePoint now = clock_.now();
  run_timers(now);
  if (leave_by_ && (now >= *leave_by_ || director_.may_stop())) stopping_ = true;
  if (stopping_) return false;
  const bool worked = work(now);
  status_stale_ |= worked;
  const bool walked = walk_state(now);
  const bool counted = walk_statistics();
  settle(now);
  const bool busy = worked || walked || counted;
  return busy || director_.next_deadline(now).value_or(TimePoint::max()) <= now;
}

void AgentLoop::take_messages() {
  while (auto message = mailbox_.take()) take(*message);
}

// The election has changes of its own to count; they come by the dozen.
void AgentLoop::take(AgentMessage& message) {
  status_stale_ = status_stale_ || !std::holds_alternative<ElectionHeard>(message);
  std::visit([this](auto& each) { handle(each); }, message);
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
  health_.follow(desk_.plan(), outcome.change->services.touched);
  problems_.replace_part("health", health_.problems());
  programmer_.keep_services_of(director_.may_leave(desk_.plan()));  // until the look that follows
  programmer_.plan_changed(desk_.plan(), outcome.change->services);
  const auto& touched = outcome.change->services.touched;
  const NodePlan& plan = desk_.plan();
  const bool settings = touches_sync(plan, touched) || touches_paths(plan, touched);
  if (outcome.change->network || settings) network_.look_again();
  if (!following_) plan_arrived_ = received;
  following_ = true;
  metrics_.kernel_follows(false);
  metrics_.plan_stored(desk_.hash(), clock_.wall_now());
}

void AgentLoop::handle(StatusPolled& message) { board_.poll(std::move(message), clock_.now()); }
void AgentLoop::handle(StateRequested& message) { state_walk_.add(std::move(message)); }
void AgentLoop::handle(StatisticsRequested& message) { statistics_walk_.add(std::move(message)); }
void AgentLoop::handle(DrainAsked& message) {
  const auto stored = drain_mark_.set(message.request.drained);
  if (stored) {
    director_.drain_here(message.request.drained, clock_.now());
    obey_election();
  }
  message.reply(stored);
}
void AgentLoop::handle(MoveAsked& message) {
  const auto asked = director_.move(message.request.vip, message.request.move, clock_.now());
  obey_election();
  message.reply(asked);
}
void AgentLoop::handle(HealthAsked& message) {
  message.reply(started_ ? "" : "the kernel does not follow the stored plan yet");
}
void AgentLoop::handle(PoolHealthHeard& message) {
  const ServiceKey service = message.service;
  if (!health_.hear(desk_.plan(), std::move(message))) return;
  programmer_.health_changed(service);
  problems_.replace_part("health", health_.problems());
}
void AgentLoop::handle(NetworkChanged& /*message*/) { network_.look_again(); }
// An order is good for a moment only, and messages come by the hundred.
void AgentLoop::handle(ElectionHeard& message) {
  director_.hear(message.event, clock_.now());
  obey_election();
}
// Whoever asks twice does not want to wait.
void AgentLoop::handle(StopRequested& /*message*/) {
  const TimePoint now = clock_.now();
  if (leave_by_) stopping_ = true;
  leave_by_ = now + kHandOver;
  director_.hear(LeaveElection{}, now);
  obey_election();
}

void AgentLoop::run_timers(TimePoint now) {
  if (now >= next_reconcile_) {
    next_reconcile_ = now + options_.reconcile_interval;
    tables_due_ = true;
    programmer_.check_everything();
    network_.look_again();
  }
  if (programmer_.is_draining() && now >= next_drain_look_) {
    next_drain_look_ = now + kDrainLook;
    programmer_.check_drains(desk_.plan());
  }
  if (now >= next_keep_alive_) keep_alive(now);
  director_.tick(now);
  obey_election();
  const OtherDirectors before = std::exchange(others_, director_.others());
  if (before != others_) network_.look_again();
  board_.expire(now);
}

// Addresses that the kernel drops although they are to stay, because no election looks after them:
// there is no plan, the kernel's table was never read, or the deletion of their services is held
// back since before the last restart.
void AgentLoop::keep_alive(TimePoint now) {
  next_keep_alive_ = now + options_.election.lifetime / 3;
  const bool elects = desk_.has_plan() && director_.elects();
  if (elects && programmer_.held().empty()) return;
  network_.keep_alive(options_.election.lifetime, clock_, [&](const IpAddress& vip) {
    return !elects || (programmer_.holds_back(vip) && !director_.looks_after(vip));
  });
}

// What became of an order may lead to the next one.
void AgentLoop::obey_election() {
  for (VipOrders orders = director_.take_orders(); !orders.empty();
       orders = director_.take_orders()) {
    for (const ElectionEvent& event : network_.obey(orders, clock_)) {
      director_.hear(event, clock_.now());
    }
    sync_.tell_connections(orders.released());
  }
}

// The network first: a VIP that goes, goes before its services.
bool AgentLoop::work(TimePoint now) {
  if (!desk_.has_plan()) return false;
  bool worked = false;
  if (programmer_.prepare(desk_.plan(), now) && look_pace_.allows(now) && network_is_wanted(now)) {
    network_.work(
        desk_.plan(),
        [&](const ObservedNetwork& seen) {
          sync_.work(desk_.plan(), seen, now);
          if (paths_.work(desk_.plan(), seen)) health_.use_paths(desk_.plan(), paths_.ready());
          director_.look(desk_.plan(), seen, gate(), now);
          director_.hear(ConnectionsKept{sync_.kept_since()}, now);
          return ElectionSays{director_.roles(), others_ = director_.others()};
        },
        director_.waiting(), gate(), now);
    programmer_.keep_services_of(director_.leaving());
    obey_election();
    programmer_.servers_off_link(desk_.plan(), network_.off_link());
    look_pace_.ran(now, clock_.now());
    worked = true;
  }
  return programmer_.work(desk_.plan(), now) || worked;
}

void AgentLoop::settle(TimePoint now) {
  const bool settled = desk_.has_plan() && programmer_.is_settled() && !network_is_wanted(now);
  if (settled && following_) {
    following_ = false;
    status_stale_ = true;
    applied_ = desk_.hash();
    metrics_.plan_followed(now - plan_arrived_);
    metrics_.kernel_follows(true);
    log_debug("kernel follows the plan", {{"hash", applied_.to_string()}});
    finish_start();
  }
  publish_status();
  if (!settled || programmer_.has_work()) return;
  count_tables();
  desk_.compact(now);
  if (trim_wanted_) malloc_trim(0);
  trim_wanted_ = false;
}

bool AgentLoop::network_is_wanted(TimePoint now) const {
  return network_.is_due(now) || director_.is_due(gate(), now);
}

VipGate AgentLoop::gate() const {
  return {[this](const IpAddress& vip) { return programmer_.stands(vip, desk_.plan()); },
          [this](const IpAddress& vip) { return programmer_.serves(vip); },
          [this](const IpAddress& vip) { return programmer_.holds_back(vip); },
          [this](const IpAddress& vip) { return director_.leaving().contains(vip); }};
}

Duration AgentLoop::until_next_deadline() const {
  const TimePoint now = clock_.now();
  TimePoint next = std::min({now + kLongestSleep, next_reconcile_, next_keep_alive_});
  if (programmer_.is_draining()) next = std::min(next, next_drain_look_);
  for (const auto& deadline : {leave_by_, programmer_.next_retry(), director_.next_deadline(now),
                               board_.next_deadline()}) {
    if (deadline) next = std::min(next, *deadline);
  }
  // Until the services are known nothing is done about the network; programmer_ says when to ask.
  if (programmer_.knows_services()) next = std::min(next, network_.next_deadline().value_or(next));
  if (!status_pace_.allows(now) && status_stale_) next = std::min(next, status_pace_.next());
  if (!look_pace_.allows(now) && network_is_wanted(now)) next = std::min(next, look_pace_.next());
  return std::max(next - now, Duration{0});
}

}  // namespace lvs
