#include "operator/pusher/fleet.h"

#include <algorithm>

#include "telemetry/log.h"

namespace lvs {

Fleet::Fleet(FleetOptions options, AgentDialer dialer, PostEvent post, OperatorMetrics& metrics)
    : options_(std::move(options)),
      dialer_(std::move(dialer)),
      post_(std::move(post)),
      metrics_(metrics) {}

void Fleet::connect(const std::string& node, const AgentAddress& address) {
  members_.erase(node);
  push_errors_.erase(node);
  Member member{std::make_unique<AgentLink>(address, ++last_link_, dialer_, post_, options_.pace),
                NodeSession(options_.term),
                std::nullopt,
                false,
                {}};
  members_.emplace(node, std::move(member));
  log_debug("agent link made", {{"node", node}, {"address", address.address.to_string()}});
}

void Fleet::say_whether_only_node_is_there(const Objects<Node>& nodes) {
  const bool missing = !options_.only_node.empty() && !nodes.contains({"", options_.only_node});
  if (missing && !said_missing_) {
    log_error("nothing is pushed: there is no such Node; correct --node, or add the Node",
              {{"node", options_.only_node}});
  }
  said_missing_ = missing;
}

void Fleet::follow(const Objects<Node>& nodes, const std::set<std::string>& changed) {
  if (!changed.empty()) say_whether_only_node_is_there(nodes);
  for (const auto& name : changed) {
    const auto node = nodes.find({"", name});
    if (node == nodes.end() || node->second->internal_ips.empty()) {
      if (members_.erase(name) > 0) metrics_.forget_node(name);
      push_errors_.erase(name);
      continue;
    }
    const AgentAddress address{name, node->second->internal_ips.front(), node->second->agent_port};
    const auto member = members_.find(name);
    if (member == members_.end() || !(member->second.link->address() == address)) {
      connect(name, address);
    }
  }
}

void Fleet::plans_edited(const PlanningDelta& delta) {
  for (const auto* nodes : {&delta.new_nodes, &delta.removed_nodes}) {
    for (const auto& node : *nodes) {
      if (const auto member = members_.find(node); member != members_.end()) {
        member->second.session.plan_replaced();
      }
    }
  }
  for (const auto& [node, edits] : delta.edits) {
    if (const auto member = members_.find(node); member != members_.end()) {
      member->second.session.plan_edited(edits);
    }
  }
}

bool Fleet::knows(const std::string& node, std::uint64_t link) const {
  const auto member = members_.find(node);
  return member != members_.end() && member->second.link->id() == link;
}

void Fleet::set_reachable(const std::string& node, Member& member, bool reachable) {
  if (member.reachable == reachable) return;
  member.reachable = reachable;
  metrics_.agent_reachable(node, reachable);
}

void Fleet::reported(const AgentReport& report, TimePoint now) {
  auto& member = members_.at(report.node);
  if (member.reachable != true) {
    log_info("agent answers", {{"node", report.node}, {"version", report.status.agent_version}});
  }
  member.said.clear();
  member.heard = true;
  set_reachable(report.node, member, true);
  member.session.reported(stored_plan_of(report.status), now);
}

void Fleet::silent(const AgentSilent& event) {
  auto& member = members_.at(event.node);
  if (member.said != event.error.message) {
    log_warning("agent does not answer", {{"node", event.node}, {"error", event.error.message}});
    member.said = event.error.message;
  }
  set_reachable(event.node, member, false);
}

// An agent that cannot be reached says so by its silence.
bool Fleet::keep_error(const std::string& node, const std::optional<Error>& error) {
  if (!error || is_connection_error(error->code)) return push_errors_.erase(node) > 0;
  auto& kept = push_errors_[node];
  if (kept == *error) return false;
  kept = *error;
  return true;
}

bool Fleet::pushed(const PushDone& done, TimePoint now, double random) {
  metrics_.pushed(done);
  auto& session = members_.at(done.node).session;
  session.finished(done.kind, done.stored, now, random);
  const bool news = keep_error(done.node, session.error());
  if (done.kind == PushKind::kProbe) return news;
  if (done.stored) {
    log_info("plan pushed", {{"node", done.node},
                             {"kind", to_string(done.kind)},
                             {"hash", done.stored->hash.value_or(ContentHash{}).to_string()},
                             {"bytes", done.bytes},
                             {"ms", done.took.count()}});
  }
  if (const auto& error = session.error()) {
    log_warning("push failed, will be tried again",
                {{"node", done.node}, {"kind", to_string(done.kind)}, {"error", error->message}});
  }
  return news;
}

bool Fleet::all_heard() const {
  return std::all_of(members_.begin(), members_.end(),
                     [](const auto& member) { return member.second.reachable.has_value(); });
}

const HashedPlan* Fleet::plan_to_push(const std::string& node, const Member& member,
                                      const std::map<std::string, HashedPlan>& plans) const {
  if (!member.heard) return nullptr;
  if (!options_.only_node.empty() && node != options_.only_node) return nullptr;
  const auto plan = plans.find(node);
  return plan == plans.end() ? nullptr : &plan->second;
}

void Fleet::send(const std::map<std::string, HashedPlan>& plans, TimePoint now) {
  for (auto& [node, member] : members_) {
    const auto* plan = plan_to_push(node, member, plans);
    if (plan == nullptr) continue;
    if (auto order = member.session.next(*plan, now)) member.link->send(std::move(*order));
  }
}

std::optional<TimePoint> Fleet::wake_at(const std::map<std::string, HashedPlan>& plans) const {
  std::optional<TimePoint> earliest;
  for (const auto& [node, member] : members_) {
    const auto at = member.session.retry_at();
    if (!at || plan_to_push(node, member, plans) == nullptr) continue;
    if (!earliest || *at < *earliest) earliest = at;
  }
  return earliest;
}

}  // namespace lvs
