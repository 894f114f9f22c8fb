#include "cli/duties.h"

#include <algorithm>

#include "cli/cluster_index.h"
#include "cli/planning.h"

namespace lvs::cli {
namespace {

void take_in(const std::string& node, const VipReport& report, VipDuty& duty) {
  if (report.holder && report.present && (duty.holder.empty() || report.term > duty.term)) {
    duty.holder = node;
    duty.term = report.term;
  }
  if (duty.holder == node) duty.concern = report.election.concern_message;
}

std::string failover_concern(const VirtualServiceStatus& status) {
  for (const auto& condition : status.conditions) {
    if (condition.type == "FailoverReady" && condition.status != "True") return condition.message;
  }
  return "";
}

}  // namespace

std::vector<IpAddress> Duties::held_by(const std::string& node) const {
  std::vector<IpAddress> held;
  for (const auto& [vip, duty] : vips) {
    if (duty.holder == node) held.push_back(vip);
  }
  return held;
}

std::string Duties::successor(const VipDuty& duty) const {
  const auto found =
      std::find_if(duty.candidates.begin(), duty.candidates.end(), [&](const auto& name) {
        return name != duty.holder && !drained.contains(name) && !silent.contains(name);
      });
  return found == duty.candidates.end() ? "" : *found;
}

Duties duties_from_agents(const ClusterAnswers& answers) {
  const ClusterIndex index(answers);
  Duties duties;
  for (const auto& vip : index.vips()) {
    VipDuty& duty = duties.vips[vip];
    duty.candidates = index.candidates_of(vip);
    for (const auto& answer : answers.nodes) {
      const VipReport* report = index.vip_on(answer.node, vip);
      if (report != nullptr) take_in(answer.node, *report, duty);
    }
  }
  for (const auto& answer : answers.nodes) {
    if (!answer.state) {
      duties.silent.insert(answer.node);
      continue;
    }
    if (answer.state->status.drained) duties.drained.insert(answer.node);
    if (!answer.state->status.vips.empty()) duties.directors.insert(answer.node);
    for (const PeerReport& peer : answer.state->peers) duties.directors.insert(peer.node);
  }
  if (!answers.wanted) return duties;
  for (const auto& [key, node] : answers.wanted->nodes) {
    if (node->is_director()) duties.directors.insert(key.name);
  }
  return duties;
}

Duties duties_from_objects(const ClusterObjects& objects) {
  const Planner planner = plan_as_reported(objects.snapshot);
  Duties duties;
  for (const auto& [key, status] : objects.virtual_services) {
    for (const auto& vip : status.vips) {
      duties.vips[vip.address] = {vip.holder, vip.term, planner.candidates_of(vip.address),
                                  failover_concern(status), key};
    }
  }
  for (const auto& [key, node] : objects.snapshot.nodes) {
    if (!node->is_director()) continue;
    duties.directors.insert(key.name);
    if (node->is_drained()) duties.drained.insert(key.name);
  }
  return duties;
}

}  // namespace lvs::cli
