#include <algorithm>

#include "operator/status/build_status.h"
#include "operator/status/conditions.h"
#include "operator/status/health_status.h"
#include "operator/status/vip_status.h"

namespace lvs {
namespace {

constexpr const char* kPaused = "Paused";

// What the candidates of a VirtualService's VIPs say about it.
struct Candidates {
  std::vector<std::string> names;
  std::vector<std::string> silent;   // never reported, or not reachable
  std::string remarks;               // on the silent ones
  std::vector<std::string> pending;  // their kernel does not follow the plan yet
  std::vector<std::pair<std::string, ProblemReport>> problems;
};

bool is_about(const std::string& object, const std::string& subject) {
  return object == subject || object.starts_with(subject + " ");
}

bool concerns(const VirtualService& service, const ProblemReport& problem) {
  if (problem.object == "plan") return true;
  for (const auto& vip : service.spec.vips) {
    if (is_about(problem.object, vip.to_string())) return true;
    for (const auto& port : service.spec.ports) {
      if (is_about(problem.object, to_string(ServiceKey{vip, port.protocol, port.port, 0}))) {
        return true;
      }
    }
  }
  return false;
}

void add_problems(const VirtualService& service, const std::string& node, const NodeStatus& report,
                  Candidates& result) {
  for (const auto& problem : report.problems) {
    if (problem.reason == kPoolFailOpen) continue;  // it is programmed; see the condition Healthy
    if (concerns(service, problem)) result.problems.emplace_back(node, problem);
  }
  for (const auto& vip : report.vips) {
    const auto& vips = service.spec.vips;
    if (vip.reason.empty() || std::find(vips.begin(), vips.end(), vip.address) == vips.end()) {
      continue;
    }
    result.problems.emplace_back(node,
                                 ProblemReport{vip.address.to_string(), vip.reason, vip.message});
  }
}

void add_push_error(const StatusSources& sources, const std::string& node, Candidates& result) {
  const auto error = sources.push_errors.find(node);
  if (error == sources.push_errors.end()) return;
  result.problems.emplace_back(node, ProblemReport{"plan", "PushFailed", error->second.message});
}

Candidates look_at_candidates(const StatusSources& sources, const VirtualService& service) {
  std::set<std::string> names;
  for (const auto& vip : service.spec.vips) {
    for (auto& name : sources.planner.candidates_of(vip)) names.insert(std::move(name));
  }
  Candidates result;
  for (const auto& name : names) {
    result.names.push_back(name);
    const auto* report = report_of(sources, name);
    const auto* plan = plan_of(sources, name);
    if (report == nullptr || sources.cluster.unreachable.contains(name)) {
      result.silent.push_back(name);
      result.remarks += remarks_on(sources, name);
      continue;
    }
    add_problems(service, name, *report, result);
    if (plan == nullptr || !report->has_plan || report->applied_plan != plan->hash()) {
      result.pending.push_back(name);
      add_push_error(sources, name, result);
    }
  }
  return result;
}

// What a node refuses because of what the service's author wrote; empty: for another reason.
std::string_view field_at_fault(const ProblemReport& problem) {
  if (problem.reason == "SchedulerUnavailable") return "spec.scheduler.name";
  if (problem.reason == "DirectorHasNoPathToVIPNetwork") return "spec.vips";
  if (problem.reason == "InterfaceMissing") return "spec.interface";
  return {};
}

// The planner knows only what the cluster is, the candidates also what they can do.
Verdict accepted_by_all(const Diagnostics& diagnostics, const Candidates& candidates) {
  if (has_error(diagnostics)) return accepted(diagnostics);
  for (const auto& [node, problem] : candidates.problems) {
    const auto field = field_at_fault(problem);
    if (field.empty()) continue;
    return no(problem.reason,
              std::string(field) + ": " + node + ": " + problem.object + ": " + problem.message);
  }
  return accepted(diagnostics);
}

Verdict programmed(const VirtualService& service, const Candidates& candidates, bool is_accepted,
                   const Condition* before) {
  if (!is_accepted) return no("NotAccepted", "nothing is programmed; see the condition Accepted");
  if (service.spec.paused) {
    return no(kPaused, "the kernels stay as they are; set spec.paused to false to go on");
  }
  if (candidates.names.empty()) return no("NoDirector", "no director may hold the VIPs");
  if (!candidates.problems.empty()) {
    const auto& [node, problem] = candidates.problems.front();
    return no(problem.reason, node + ": " + problem.object + ": " + problem.message);
  }
  if (candidates.silent.size() == candidates.names.size()) {
    return unknown("AgentUnreachable", "no agent answers on " + enumerate(candidates.silent) +
                                           "; see whether lvs-agent runs there" +
                                           candidates.remarks);
  }
  if (!candidates.pending.empty()) {
    // Another service's change is no news about this one.
    if (before != nullptr && before->observed_generation == service.meta.generation &&
        before->status == "True") {
      return {before->status, before->reason, before->message};
    }
    return no("Pending", "waiting for " + enumerate(candidates.pending));
  }
  if (!candidates.silent.empty()) {
    return yes("Programmed", "programmed on all directors that answer; no agent answers on " +
                                 enumerate(candidates.silent));
  }
  return yes("Programmed", "programmed on " + enumerate(candidates.names));
}

RealServerCounts count_servers(const StatusSources& sources, const VirtualService& service) {
  RealServerCounts counts;
  for (const auto& key : sources.planner.real_servers_of(service.meta.key)) {
    const auto server = sources.cluster.real_servers.find(key);
    if (server == sources.cluster.real_servers.end()) continue;
    ServerState worst = ServerState::kServing;
    for (const auto& port : service.spec.ports) {
      worst = std::max(worst, server_state(sources, service, port, *server->second));
    }
    ++counts.total;
    if (worst == ServerState::kServing) ++counts.ready;
    if (worst == ServerState::kDraining) ++counts.draining;
    const bool down = worst == ServerState::kDown || worst == ServerState::kForcedDown;
    if (down) ++counts.down;
  }
  return counts;
}

Verdict ready(const VirtualService& service, const VirtualServiceStatus& status,
              const Verdict& is_programmed) {
  if (is_programmed.status != "True" && is_programmed.reason != kPaused) {
    return {is_programmed.status, is_programmed.reason, "not programmed: " + is_programmed.message};
  }
  for (const auto& vip : status.vips) {
    if (vip.holder.empty()) {
      return no("NoHolder", "no director holds " + vip.address.to_string() + " at the moment");
    }
  }
  const std::string servers = status.ready_text + " real servers are ready";
  if (status.real_servers.ready == 0) {
    const auto& sorry = service.spec.sorry_server;
    const std::string instead =
        sorry ? ", clients get the sorry server " + sorry->address.to_string() : "";
    return no("NoReadyRealServer", servers + instead + "; see the RealServers' conditions");
  }
  return yes("Ready", servers);
}

void write_texts(const VirtualService& object, VirtualServiceStatus& status) {
  std::vector<std::string> vips;
  std::vector<std::string> ports;
  std::vector<std::string> holders;
  for (const auto& vip : object.spec.vips) vips.push_back(vip.to_string());
  for (const auto& port : object.spec.ports) {
    ports.push_back(std::to_string(port.port) + "/" + std::string(to_string(port.protocol)));
  }
  for (const auto& vip : status.vips) holders.push_back(vip.holder.empty() ? "none" : vip.holder);
  const bool all_same =
      std::all_of(holders.begin(), holders.end(), [&](const auto& h) { return h == holders[0]; });
  if (all_same && !holders.empty()) holders.resize(1);
  status.vips_text = join(vips);
  status.ports_text = join(ports);
  status.holder_text = join(holders);
  status.ready_text =
      std::to_string(status.real_servers.ready) + "/" + std::to_string(status.real_servers.total);
}

}  // namespace

VirtualServiceStatus build_status(const StatusSources& sources, const VirtualService& object,
                                  const VirtualServiceStatus* before) {
  const auto diagnostics = sources.planner.diagnostics_of(Kind::kVirtualService, object.meta.key);
  const bool is_accepted = !has_error(diagnostics);
  const auto* old = before == nullptr ? nullptr : &before->conditions;
  const auto generation = object.meta.generation;

  VirtualServiceStatus status;
  status.observed_generation = generation;
  for (const auto& vip : object.spec.vips) status.vips.push_back(build_vip(sources, vip, before));
  status.real_servers = count_servers(sources, object);
  write_texts(object, status);
  const auto candidates = look_at_candidates(sources, object);
  const auto is_programmed =
      programmed(object, candidates, is_accepted, find_condition(old, "Programmed"));
  const auto add = [&](const char* type, Verdict verdict) {
    status.conditions.push_back(
        make_condition(type, std::move(verdict), generation, old, sources.now));
  };
  add("Accepted", accepted_by_all(diagnostics, candidates));
  add("Programmed", is_programmed);
  add("Ready", ready(object, status, is_programmed));
  if (auto verdict = failover_ready(sources, status.vips)) {
    add("FailoverReady", std::move(*verdict));
  }
  if (auto verdict = healthy(sources, object)) add("Healthy", std::move(*verdict));
  return status;
}

}  // namespace lvs
