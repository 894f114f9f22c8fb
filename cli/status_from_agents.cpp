// Joining what the agents answered into one report. What a row shows stands here; what is a problem
// stands in status_problems.cpp.
#include <algorithm>

#include "cli/cluster_index.h"
#include "cli/status_problems.h"
#include "cli/status_report.h"

namespace lvs::cli {
namespace {

VipRow vip_row(const ClusterIndex& index, const IpAddress& vip) {
  VipRow row;
  row.address = vip.to_string();
  row.holders = index.holders_of(vip);
  row.candidates = index.candidates_of(vip);
  for (const auto& node : row.holders) {
    const VipReport& report = *index.vip_on(node, vip);
    row.present = row.present.value_or(false) || report.present;
    row.term = std::max(row.term, report.term);
    if (report.election.since == 0) continue;
    row.since = to_rfc3339(WallTime(std::chrono::seconds(report.election.since)));
    row.previous = report.election.previous_holder;
    row.reason = report.election.taken_because;
    row.standby = report.election.standby;
  }
  return row;
}

// Whose table tells most about the service: the holder's, else the first candidate's that has it.
std::string table_owner(const ClusterIndex& index, const ServiceKey& key) {
  auto nodes = index.holders_of(key.address);
  const auto candidates = index.candidates_of(key.address);
  nodes.insert(nodes.end(), candidates.begin(), candidates.end());
  const auto has_it = [&](const auto& node) { return index.service_on(node, key) != nullptr; };
  const auto found = std::find_if(nodes.begin(), nodes.end(), has_it);
  return found == nodes.end() ? "" : *found;
}

void fill_preparation(const ClusterIndex& index, const ServiceKey& key,
                      const std::optional<ServerIdentity>& server, ServerRow& row) {
  if (!server) return;
  if (server->node.empty()) {
    row.prepared = "itself";
  } else if (index.state_of(server->node) == nullptr) {
    row.prepared = "unknown";
    row.reason = "AgentUnreachable";
    row.message = "the agent of " + server->node + " did not answer";
  } else if (const auto* report = index.backend_on(server->node, key.address); report != nullptr) {
    row.prepared = report->prepared ? "yes" : "no";
    row.reason = report->reason;
    row.message = report->message;
  } else if (const auto* vip = index.vip_on(server->node, key.address); vip && vip->holder) {
    row.prepared = "yes";  // the holder accepts the VIP's packets as it is
  } else {
    row.prepared = "no";
    row.reason = "NotPlanned";
    row.message = "the agent of " + server->node + " has no plan yet that names this VIP";
  }
}

bool is_lingering(const NodeState& director, const ServiceKey& key, const DestinationKey& server) {
  const auto& all = director.status.lingering;
  return std::any_of(all.begin(), all.end(),
                     [&](const auto& l) { return l.service == key && l.key == server; });
}

// Of the director's own finding; nothing: it finds nothing wrong.
const UnhealthyServer* find_unhealthy(const NodeState& director, const ServiceKey& key,
                                      const IpAddress& server) {
  for (const UnhealthyServer& each : director.status.unhealthy) {
    if (each.service == key && each.server == server) return &each;
  }
  return nullptr;
}

// A director that reaches a server only through a gateway gives it no new connections.
bool is_off_link(const NodeState& director, const ObservedDestination& destination) {
  const auto& off = director.status.off_link;
  return destination.config.forwarding == ForwardingMethod::kDirectRouting &&
         std::find(off.begin(), off.end(), destination.key.address) != off.end();
}

bool is_sorry_server(const PlannedService* planned, const DestinationKey& server) {
  return planned != nullptr && planned->header.sorry && planned->header.sorry->key == server;
}

std::string state_of(const ServerRow& row, bool lingering, Admission admission) {
  if (admission == Admission::kForceDown) return "ForcedDown";
  if (admission == Admission::kForceUp && row.weight != 0U) return "ForcedUp";
  if (admission == Admission::kDrain && row.weight == 0U) return "Draining";
  if (lingering && row.weight == 0U) return "Draining";
  if (row.weight != 0U) return "Serving";
  if (row.reason == kNotOnLink) return "NotOnLink";
  if (row.reason == kCheckFailed) return "Down";
  return row.prepared == "no" ? "Preparing" : "Quiesced";
}

class ServiceJoin {
 public:
  ServiceJoin(const ClusterIndex& index, const ServiceKey& key) : index_(index), key_(key) {
    const auto planned = index.planned().find(key);
    if (planned != index.planned().end()) planned_ = planned->second.get();
    row_.service = to_string(key);
    row_.seen_on = table_owner(index, key);
    if (planned_ != nullptr) row_.virtual_service = to_string(planned_->header.virtual_service);
  }

  ServiceRow run() && {
    const ObservedService* service = index_.service_on(row_.seen_on, key_);
    if (service != nullptr) {
      row_.scheduler = service->config.scheduler;
      for (const auto& destination : service->destinations) add_observed(destination);
    } else if (planned_ != nullptr) {
      row_.scheduler = planned_->header.config.scheduler;
    }
    // A paused service stays in the kernel as it is, whatever the manifests say.
    const bool stays = planned_ != nullptr && planned_->header.paused && service != nullptr;
    if (planned_ != nullptr && !stays) add_missing(service);
    return std::move(row_);
  }

 private:
  ServerRow named(const DestinationKey& key, ForwardingMethod forwarding) const {
    const auto ns = planned_ == nullptr ? "" : planned_->header.virtual_service.ns;
    const auto server = index_.server_at(key.address, ns);
    ServerRow row;
    row.name = server ? server->name : "";
    row.address = to_string(key);
    if (forwarding == ForwardingMethod::kMasquerade) {
      row.prepared = "not needed";
    } else {
      fill_preparation(index_, key_, server, row);
    }
    return row;
  }

  void add_observed(const ObservedDestination& destination) {
    ServerRow row = named(destination.key, destination.config.forwarding);
    row.weight = destination.config.weight;
    row.active = destination.connections.active;
    row.inactive = destination.connections.inactive;
    const NodeState& director = *index_.state_of(row_.seen_on);
    if (const auto* found = find_unhealthy(director, key_, destination.key.address)) {
      row.reason = kCheckFailed;
      row.message = found->why + "; see whether the service runs there and answers its check";
    }
    if (is_off_link(director, destination)) {
      row.reason = kNotOnLink;
      row.message = row_.seen_on +
                    " reaches it through a gateway or not at all, and direct routing needs one "
                    "segment; put it on the director's network, correct its address, or set "
                    "spec.forwarding of its VirtualServices to Tunnel";
    }
    row.state =
        state_of(row, is_lingering(director, key_, destination.key), admission_of(destination.key));
    if (is_sorry_server(planned_, destination.key)) row.name = "(sorry server)";
    row_.servers.push_back(std::move(row));
  }

  Admission admission_of(const DestinationKey& key) const {
    if (planned_ == nullptr) return Admission::kAdmit;
    const auto& all = planned_->destinations;
    const auto found =
        std::find_if(all.begin(), all.end(), [&key](const auto& each) { return each.key == key; });
    return found == all.end() ? Admission::kAdmit : found->admission;
  }

  bool is_out_of_sight() const {
    const auto candidates = index_.candidates_of(key_.address);
    return row_.seen_on.empty() &&
           std::any_of(candidates.begin(), candidates.end(),
                       [this](const auto& node) { return index_.state_of(node) == nullptr; });
  }

  // Out of the table because it fails its check, as the service wishes it.
  bool is_cut(const DestinationKey& server) const {
    const auto& health = planned_->header.health;
    if (row_.seen_on.empty() || !health || health->on_failure != OnFailure::kRemove) return false;
    return find_unhealthy(*index_.state_of(row_.seen_on), key_, server.address) != nullptr;
  }

  void add_missing(const ObservedService* service) {
    for (const auto& planned : planned_->destinations) {
      const auto is_it = [&](const auto& d) { return d.key == planned.key; };
      if (service != nullptr &&
          std::any_of(service->destinations.begin(), service->destinations.end(), is_it)) {
        continue;
      }
      ServerRow row = named(planned.key, planned.config.forwarding);
      // A director that has not answered may well have it.
      row.state = is_out_of_sight() ? "Unknown" : is_cut(planned.key) ? "Down" : "NotProgrammed";
      row_.servers.push_back(std::move(row));
    }
  }

  const ClusterIndex& index_;
  const ServiceKey key_;
  const PlannedService* planned_ = nullptr;
  ServiceRow row_;
};

std::string role_of(const ClusterAnswers& answers, const NodeAnswer& answer) {
  bool director = answer.state && !answer.state->status.vips.empty();
  bool real_server = answer.state && !answer.state->status.backends.empty();
  if (answers.wanted) {
    const auto& wanted = *answers.wanted;
    const auto node = wanted.nodes.find(ObjectKey{"", answer.node});
    director = director || (node != wanted.nodes.end() && node->second->is_director());
    for (const auto& [key, server] : wanted.real_servers) {
      real_server = real_server || server->spec.node_name == answer.node;
    }
  }
  if (director && real_server) return "director, real server";
  return director ? "director" : real_server ? "real server" : "";
}

NodeRow node_row(const ClusterAnswers& answers, const NodeAnswer& answer) {
  NodeRow row;
  row.node = answer.node;
  row.role = role_of(answers, answer);
  row.endpoint = answer.endpoint;
  row.reachable = answer.state.has_value();
  if (!answer.state) return row;
  const NodeStatus& status = answer.state->status;
  if (status.drained) row.role += ", drained";
  row.version = status.agent_version;
  row.has_plan = status.has_plan;
  if (status.has_plan) {
    row.stored_plan = status.stored_plan.to_string();
    row.applied_plan = status.applied_plan.to_string();
  }
  return row;
}

void add_heartbeats(const NodeAnswer& answer, std::vector<HeartbeatRow>& out) {
  if (!answer.state) return;
  for (const PeerReport& peer : answer.state->peers) {
    HeartbeatRow row{answer.node,   peer.node,      peer.heard,
                     peer.warm,     peer.available, peer.round_trip.count(),
                     peer.received, peer.lost,      std::nullopt};
    if (peer.last_heard) row.last_heard_ms = peer.last_heard->count();
    out.push_back(std::move(row));
  }
}

}  // namespace

StatusReport report_from_agents(const ClusterAnswers& answers) {
  const ClusterIndex index(answers);
  StatusReport report;
  report.complete = all_reachable(answers);
  for (const auto& vip : index.vips()) report.vips.push_back(vip_row(index, vip));
  for (const auto& key : index.services()) {
    report.services.push_back(ServiceJoin(index, key).run());
  }
  for (const auto& answer : answers.nodes) {
    report.nodes.push_back(node_row(answers, answer));
    add_heartbeats(answer, report.heartbeats);
  }
  report.problems = find_status_problems(answers, index, report);
  return report;
}

}  // namespace lvs::cli
