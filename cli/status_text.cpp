#include "cli/command.h"
#include "cli/status_report.h"
#include "cli/table.h"

namespace lvs::cli {
namespace {

constexpr std::size_t kShortHash = 8;

std::string heading(const std::string& text, bool colour) {
  return paint(text, Tone::kHeading, colour) + "\n";
}

Cell vip_state(const VipRow& row) {
  if (!row.present) return "";
  return *row.present ? Cell("present", Tone::kGood) : Cell("missing", Tone::kBad);
}

std::string vips_text(const StatusReport& report, bool colour) {
  if (report.vips.empty()) return "";
  TextTable table({"VIP", "HOLDER", "STATE", "TERM", "SINCE", "BEFORE", "REASON", "CANDIDATES"});
  for (const auto& row : report.vips) {
    const bool one = row.holders.size() == 1;
    table.add({row.address,
               {join(row.holders), one ? Tone::kPlain : Tone::kBad},
               vip_state(row),
               row.term == 0 ? "" : std::to_string(row.term),
               row.since,
               row.previous,
               row.reason,
               join(row.candidates)});
  }
  return table.to_string(0, colour) + "\n";
}

bool is_serving(const ServerRow& row) { return row.state == "Serving" || row.state == "ForcedUp"; }

std::string prepared_text(const ServerRow& row) {
  return row.reason.empty() ? row.prepared : row.prepared + " (" + row.reason + ")";
}

std::string service_text(const ServiceRow& service, bool colour) {
  std::string text = service.service;
  if (!service.virtual_service.empty()) text += "  " + service.virtual_service;
  if (!service.scheduler.empty()) text += "  " + service.scheduler;
  text += service.seen_on.empty() ? "  (no table seen)" : "  on " + service.seen_on;
  text = heading(text, colour);
  TextTable table({"REAL SERVER", "ADDRESS", "WEIGHT", "ACTIVE", "INACTIVE", "STATE", "PREPARED"});
  for (const auto& row : service.servers) {
    table.add({row.name,
               row.address,
               text_or_blank(row.weight),
               text_or_blank(row.active),
               text_or_blank(row.inactive),
               {row.state, is_serving(row) ? Tone::kGood : Tone::kBad},
               prepared_text(row)});
  }
  return text + (table.empty() ? "  no real server\n" : table.to_string(2, colour)) + "\n";
}

std::string plan_text(const NodeRow& row) {
  if (row.reachable != true) return "";
  if (!row.has_plan) return "none";
  const std::string text = row.stored_plan.substr(0, kShortHash);
  return row.stored_plan == row.applied_plan ? text : text + " (applying)";
}

Cell reachability(const NodeRow& row) {
  if (!row.reachable) return "";
  return *row.reachable ? Cell("answers", Tone::kGood) : Cell("unreachable", Tone::kBad);
}

std::string nodes_text(const StatusReport& report, bool colour) {
  if (report.nodes.empty()) return "";
  TextTable table({"NODE", "ROLE", "AGENT", "STATE", "VERSION", "PLAN"});
  for (const auto& row : report.nodes) {
    table.add({row.node, row.role, row.endpoint, reachability(row), row.version, plan_text(row)});
  }
  return table.to_string(0, colour) + "\n";
}

std::string percent(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "";
  const std::uint64_t permille = (part * 1000 + whole / 2) / whole;
  return std::to_string(permille / 10) + "." + std::to_string(permille % 10) + "%";
}

std::string peer_state(const HeartbeatRow& row) {
  if (!row.heard) return row.last_heard_ms ? "silent" : "never heard";
  if (!row.available) return "leaving";
  return row.warm ? "ready" : "warming up";
}

std::string heartbeats_text(const StatusReport& report, bool colour) {
  if (report.heartbeats.empty()) return "";
  TextTable table({"DIRECTOR", "HEARS", "STATE", "ROUND TRIP", "LOST"});
  for (const auto& row : report.heartbeats) {
    const std::string trip =
        row.round_trip_ms == 0 ? "<1 ms" : std::to_string(row.round_trip_ms) + " ms";
    table.add({row.director,
               row.peer,
               {peer_state(row), row.heard ? Tone::kGood : Tone::kBad},
               row.heard ? trip : "",
               percent(row.lost, row.received + row.lost)});
  }
  return table.to_string(0, colour) + "\n";
}

std::string problems_text(const StatusReport& report, bool colour) {
  if (report.problems.empty()) return "no problems\n";
  std::string text = heading(counted(report.problems.size(), "problem") + ":", colour);
  for (const auto& row : report.problems) {
    text += paint(row.where, Tone::kBad, colour) + ": " + row.message;
    text += row.reason.empty() ? "\n" : " [" + row.reason + "]\n";
  }
  return text;
}

}  // namespace

std::string to_text(const StatusReport& report, bool colour) {
  std::string text = vips_text(report, colour);
  for (const auto& service : report.services) text += service_text(service, colour);
  return text + nodes_text(report, colour) + heartbeats_text(report, colour) +
         problems_text(report, colour);
}

int exit_code_of(const StatusReport& report) {
  if (!report.complete) return kExitUnreachable;
  return report.problems.empty() ? kExitOk : kExitNo;
}

}  // namespace lvs::cli
