#include "cli/status_problems.h"

#include <algorithm>

#include "cli/planning.h"
#include "cli/table.h"

namespace lvs::cli {
namespace {

using Problems = std::vector<ProblemRow>;

void add_manifest_problems(const ClusterAnswers& answers, const ClusterIndex& index,
                           Problems& out) {
  for (const auto& text : answers.manifest_problems)
    out.push_back({"manifests", "Unreadable", text});
  if (!answers.wanted || !index.planner()) return;
  for (const auto& diagnostic : diagnostics_of(*answers.wanted, *index.planner())) {
    const std::string field = diagnostic.field.empty() ? "" : diagnostic.field + ": ";
    out.push_back({std::string(to_string(diagnostic.kind)) + " " + to_string(diagnostic.object),
                   diagnostic.reason, field + diagnostic.message});
  }
}

void add_plan_problem(const NodeAnswer& answer, Problems& out) {
  const NodeState& state = *answer.state;
  const std::string where = "node " + answer.node;
  if (!state.status.has_plan) {
    out.push_back({where, "NoPlan",
                   "the agent has no plan; is the operator running, and does its --nodes include "
                   "this node?"});
  } else if (!state.pending.empty()) {
    out.push_back({where, "Pending",
                   counted(state.pending.size(), "operation") +
                       " not done yet; `lvsctl diff` lists them, the agent's log says what fails"});
  } else if (state.status.stored_plan != state.status.applied_plan) {
    out.push_back({where, "Applying", "the kernel does not follow the newest plan yet; ask again"});
  }
}

std::string hint_for(const Error& error) {
  if (error.code == ErrorCode::kPermissionDenied) {
    return "; are --tls-cert and --tls-ca those of this cluster, and is the agent's certificate?";
  }
  if (error.code == ErrorCode::kNotFound) return "";
  return "; check `systemctl status lvs-agent` there, and the network";
}

void add_node_problems(const ClusterAnswers& answers, Problems& out) {
  for (const auto& answer : answers.nodes) {
    if (!answer.state) {
      out.push_back({"node " + answer.node, "AgentUnreachable",
                     answer.state.error().message + hint_for(answer.state.error())});
      continue;
    }
    add_plan_problem(answer, out);
    for (const auto& problem : answer.state->status.problems) {
      out.push_back(
          {"node " + answer.node + ", " + problem.object, problem.reason, problem.message});
    }
  }
}

// Only who knows all candidates and has asked them all can say that nobody holds a VIP.
void add_holder_problem(const ClusterAnswers& answers, const VipRow& row, Problems& out) {
  const std::string where = "VIP " + row.address;
  if (row.holders.size() > 1) {
    out.push_back(
        {where, "TwoHolders",
         join(row.holders, " and ") + " both hold it; can they reach each other? Stop one agent"});
  } else if (row.holders.empty() && answers.wanted && all_reachable(answers)) {
    out.push_back({where, "NoHolder",
                   row.candidates.empty() ? "no director may hold it; label a node "
                                            "lvs-operator.io/director: \"true\""
                                          : "none of its candidates holds it; see their problems"});
  }
}

// What the directors are worried about between themselves.
void add_concern(const std::string& node, const VipReport& vip, Problems& out) {
  if (vip.election.concern.empty()) return;
  out.push_back({"VIP " + vip.address.to_string() + " on " + node, vip.election.concern,
                 vip.election.concern_message});
}

void add_vip_problems(const ClusterAnswers& answers, const StatusReport& report, Problems& out) {
  for (const auto& row : report.vips) add_holder_problem(answers, row, out);
  for (const auto& answer : answers.nodes) {
    if (!answer.state) continue;
    for (const auto& vip : answer.state->status.vips) {
      add_concern(answer.node, vip, out);
      const bool missing = vip.holder && !vip.present;
      if (!missing && vip.reason.empty()) continue;
      out.push_back({"VIP " + vip.address.to_string() + " on " + answer.node,
                     vip.reason.empty() ? "NotPresent" : vip.reason,
                     vip.message.empty() ? "the holder does not have the address on " +
                                               vip.interface + "; see the agent's log"
                                         : vip.message});
    }
  }
}

void add_backend_problems(const ClusterAnswers& answers, Problems& out) {
  for (const auto& answer : answers.nodes) {
    if (!answer.state) continue;
    for (const auto& backend : answer.state->status.backends) {
      if (backend.prepared) continue;
      out.push_back({"VIP " + backend.vip.to_string() + " on real server " + answer.node,
                     backend.reason.empty() ? "NotPrepared" : backend.reason,
                     backend.message.empty()
                         ? "the node is not prepared for it; see the agent's log"
                         : backend.message});
    }
  }
}

void add_server_problems(const StatusReport& report, Problems& out) {
  for (const auto& service : report.services) {
    for (const auto& server : service.servers) {
      if (server.reason != kCheckFailed && server.reason != kNotOnLink) continue;
      const std::string name = server.name.empty() ? "" : " (" + server.name + ")";
      out.push_back(
          {service.service + " at " + server.address + name, server.reason, server.message});
    }
  }
}

void add_table_problems(const ClusterAnswers& answers, const StatusReport& report, Problems& out) {
  if (!all_reachable(answers)) return;  // the table that has it may be the one that did not answer
  for (const auto& service : report.services) {
    const auto missing = static_cast<std::size_t>(
        std::count_if(service.servers.begin(), service.servers.end(),
                      [](const auto& server) { return server.state == "NotProgrammed"; }));
    const bool absent = service.seen_on.empty();
    if (missing == 0 && !absent) continue;
    out.push_back({service.service, "NotProgrammed",
                   (absent ? std::string("no director has this service")
                           : service.seen_on + " lacks " + counted(missing, "real server")) +
                       "; is the operator running? `lvsctl diff` with the same options shows the "
                       "difference"});
  }
}

}  // namespace

std::vector<ProblemRow> find_status_problems(const ClusterAnswers& answers,
                                             const ClusterIndex& index,
                                             const StatusReport& report) {
  Problems problems;
  add_manifest_problems(answers, index, problems);
  add_node_problems(answers, problems);
  add_vip_problems(answers, report, problems);
  add_backend_problems(answers, problems);
  add_server_problems(report, problems);
  add_table_problems(answers, report, problems);
  return problems;
}

}  // namespace lvs::cli
