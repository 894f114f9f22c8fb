#include "operator/loop.h"

#include <algorithm>

#include "operator/random_share.h"
#include "telemetry/log.h"

namespace lvs {
namespace {

constexpr Duration kHousekeeping{1'000};
constexpr Duration kNow{0};
// So many objects' status at once; then the mailbox comes first again.
constexpr std::size_t kStatusSlice = 20;

void merge(SnapshotDelta& into, const SnapshotDelta& from) {
  into.virtual_services.insert(from.virtual_services.begin(), from.virtual_services.end());
  into.real_servers.insert(from.real_servers.begin(), from.real_servers.end());
  into.nodes.insert(from.nodes.begin(), from.nodes.end());
  into.reports.insert(from.reports.begin(), from.reports.end());
}

}  // namespace

OperatorLoop::OperatorLoop(LoopOptions options, AgentDialer dialer, StatusSink& status,
                           const Clock& clock, OperatorMetrics& metrics)
    : options_(std::move(options)),
      clock_(clock),
      metrics_(metrics),
      view_(options_.accept_mass_deletion),
      planner_(PlannerOptions{options_.fleet.term, options_.accept_mass_deletion}),
      fleet_(options_.fleet, std::move(dialer), poster(), metrics),
      diagnostics_(metrics),
      book_(status),
      status_known_(!options_.status_is_kept_elsewhere) {}

void OperatorLoop::run() {
  while (!stopping_) {
    take_in(time_to_next());
    if (!stopping_) work();
  }
}

void OperatorLoop::take_in(Duration longest) {
  auto message = mailbox_.wait_for(longest);
  while (message) {
    if (!*message) {
      stopping_ = true;
      return;
    }
    std::visit([this](auto&& event) { on(std::forward<decltype(event)>(event)); },
               std::move(**message));
    message = mailbox_.take();
  }
}

Duration OperatorLoop::time_to_next() const {
  Duration wait = kHousekeeping;
  const auto now = clock_.now();
  const auto until = [&](const std::optional<TimePoint>& at) {
    if (at) wait = std::clamp(*at - now, kNow, wait);
  };
  until(fleet_.wake_at(planner_.plans()));
  if (status_known_) until(status_due_);
  if (complete_since_ && !planned_) until(*complete_since_ + options_.patience);
  return wait;
}

void OperatorLoop::work() {
  view_.pass_time(clock_.wall_now());
  const auto delta = view_.take_delta();
  if (!delta.empty()) {
    fleet_.follow(view_.snapshot().nodes, delta.nodes);
    metrics_.objects(view_.snapshot());
    merge(unplanned_, delta);
  }
  say_held();
  if (!unplanned_.empty() && may_plan()) plan();
  fleet_.send(planner_.plans(), clock_.now());
  if (status_known_ && status_due_ && clock_.now() >= *status_due_) {
    book_.update(status_sources(), kStatusSlice);
    if (!book_.dirty()) status_due_.reset();
  }
}

bool OperatorLoop::may_plan() {
  if (planned_) return true;
  const auto trouble = view_.trouble();
  if (trouble != said_trouble_ && !trouble.empty()) {
    log_error("nothing is planned yet", {{"problem", trouble}});
  }
  said_trouble_ = trouble;
  if (!view_.complete()) return false;
  const auto now = clock_.now();
  if (!complete_since_) {
    complete_since_ = now;
    log_info("all kinds are listed",
             {{"virtual_services", view_.snapshot().virtual_services.size()},
              {"real_servers", view_.snapshot().real_servers.size()},
              {"nodes", view_.snapshot().nodes.size()}});
  }
  return fleet_.all_heard() || now >= *complete_since_ + options_.patience;
}

void OperatorLoop::plan() {
  const auto started = clock_.now();
  const auto changed = std::exchange(unplanned_, SnapshotDelta{});
  const auto delta = planner_.update(view_.snapshot(), changed);
  planned_ = true;
  std::size_t edits = 0;
  for (const auto& [node, node_edits] : delta.edits) edits += node_edits.size();
  metrics_.planned(clock_.now() - started, edits);
  fleet_.plans_edited(delta);
  fleet_.send(planner_.plans(), started);
  book_.touch(changed, delta);
  const auto sources = status_sources();
  for (const auto& node : changed.reports) book_.touch_report(sources, node);
  for (const auto& node : changed.nodes) {
    if (!sources.cluster.nodes.contains(ObjectKey{"", node})) book_.forget_report(node);
  }
  for (const auto& node : delta.new_nodes) book_.touch_node(sources, node);
  for (const auto& node : diagnostics_.update(planner_, delta)) book_.touch_node(sources, node);
  if (book_.dirty() && !status_due_) status_due_ = started + options_.status_interval;
}

void OperatorLoop::say_held() {
  if (view_.held() == said_held_) return;
  said_held_ = view_.held();
  metrics_.held_deletions(said_held_.size());
  if (said_held_.empty()) return;
  const auto& [kind, key] = *said_held_.begin();
  log_error(
      "deletions are held back: most objects of a kind are missing from the source, or the API "
      "server has gone back in time (emptied, or restored from a backup); if this is meant, "
      "restart "
      "the operator with --accept-mass-deletion",
      {{"missing", said_held_.size()}, {"kind", to_string(kind)}, {"first", to_string(key)}});
}

void OperatorLoop::on(Trouble&& event) {
  auto& said = troubles_[event.source];
  if (said == event.message) return;
  metrics_.source_trouble(event.source, !event.message.empty());
  if (!event.message.empty()) {
    log_warning("source is in trouble, nothing is deleted meanwhile",
                {{"source", event.source}, {"error", event.message}});
  } else {
    log_info("source is all right again", {{"source", event.source}});
  }
  said = std::move(event.message);
}

void OperatorLoop::on(Problems&& event) {
  auto& said = problems_[event.source];
  std::set<std::string> now(event.texts.begin(), event.texts.end());
  for (const auto& text : now) {
    if (!said.contains(text)) log_error("cannot be used", {{"problem", text}});
  }
  for (const auto& text : said) {
    if (!now.contains(text)) log_info("solved", {{"problem", text}});
  }
  metrics_.source_problems(event.source, now.size());
  said = std::move(now);
}

void OperatorLoop::on(const ReadinessAsked& event) {
  event.reply(view_.complete() ? "" : "not every kind of resource has been listed yet");
}

void OperatorLoop::on(AgentReport&& event) {
  if (!fleet_.knows(event.node, event.link)) return;
  fleet_.reported(event, clock_.now());
  view_.set_reachable(event.node, true);
  view_.report(event.node, std::move(event.status));
}

void OperatorLoop::on(AgentSilent&& event) {
  if (!fleet_.knows(event.node, event.link)) return;
  fleet_.silent(event);
  view_.set_reachable(event.node, false);
}

void OperatorLoop::on(PushDone&& event) {
  if (!fleet_.knows(event.node, event.link)) return;
  const auto now = clock_.now();
  if (!fleet_.pushed(event, now, random_share())) return;
  book_.touch_node(status_sources(), event.node);
  if (book_.dirty() && !status_due_) status_due_ = now + options_.status_interval;
}

void OperatorLoop::on(KnownStatuses&& event) {
  status_known_ = true;
  for (auto& [key, status] : event.virtual_services) book_.remember(key, std::move(status));
  for (auto& [key, status] : event.real_servers) book_.remember(key, std::move(status));
}

}  // namespace lvs
