#include "cli/findings.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "cli/planning.h"

namespace lvs::cli {
namespace {

using Json = nlohmann::ordered_json;

// "web.yaml:12: what is wrong" -> its two parts.
Finding unreadable(const std::string& problem) {
  const auto line = problem.find(':');
  const auto end = problem.find(": ", line == std::string::npos ? 0 : line);
  Finding finding;
  if (end == std::string::npos) {
    finding.message = problem;
  } else {
    finding.origin = problem.substr(0, end);
    finding.message = problem.substr(end + 2);
  }
  return finding;
}

Finding to_finding(const Diagnostic& diagnostic) {
  return {.error = diagnostic.severity == Severity::kError,
          .origin = diagnostic.origin,
          .object = std::string(lvs::to_string(diagnostic.kind)) + " " +
                    lvs::to_string(diagnostic.object),
          .field = diagnostic.field,
          .reason = diagnostic.reason,
          .message = diagnostic.message};
}

Json to_json_value(const Finding& finding) {
  Json json = {{"severity", finding.error ? "error" : "warning"}};
  if (!finding.origin.empty()) json["origin"] = finding.origin;
  if (!finding.object.empty()) json["object"] = finding.object;
  if (!finding.field.empty()) json["field"] = finding.field;
  if (!finding.reason.empty()) json["reason"] = finding.reason;
  json["message"] = finding.message;
  return json;
}

}  // namespace

std::size_t Findings::errors() const {
  return static_cast<std::size_t>(
      std::count_if(list.begin(), list.end(), [](const Finding& f) { return f.error; }));
}

Findings find_problems(const ManifestSet& set) {
  const ClusterSnapshot snapshot = to_snapshot(set.resources);
  Findings findings{.list = {},
                    .files = set.files,
                    .objects = set.resources.size(),
                    .nodes_known = !snapshot.nodes.empty()};
  for (const auto& problem : set.problems) findings.list.push_back(unreadable(problem));
  const Planner planner = plan_as_prepared(snapshot);
  for (const auto& diagnostic : diagnostics_of(snapshot, planner)) {
    findings.list.push_back(to_finding(diagnostic));
  }
  return findings;
}

std::string to_string(const Finding& finding) {
  std::string text;
  const auto add = [&text](const std::string& part) {
    if (!part.empty()) text += part + ": ";
  };
  add(finding.origin);
  if (!finding.error) add("warning");
  add(finding.object);
  add(finding.field);
  text += finding.message;
  if (!finding.reason.empty()) text += " [" + finding.reason + "]";
  return text;
}

std::string to_json(const Findings& findings) {
  Json list = Json::array();
  for (const auto& finding : findings.list) list.push_back(to_json_value(finding));
  return Json{{"valid", findings.errors() == 0},
              {"files", findings.files},
              {"objects", findings.objects},
              {"findings", std::move(list)}}
      .dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace lvs::cli
