// Explanations for people and for programs.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/explain.h"
#include "cli/table.h"

namespace lvs::cli {
namespace {

constexpr const char* kServing = "Serving";

Cell result_cell(const std::optional<bool>& good) {
  if (!good) return {"not known", Tone::kDim};
  return *good ? Cell("ok", Tone::kGood) : Cell("problem", Tone::kBad);
}

std::string explained_service_text(const ExplainedService& service, bool colour) {
  std::string text = service.service;
  if (!service.virtual_service.empty()) text += "  " + service.virtual_service;
  text = paint(text, Tone::kHeading, colour) + "\n";
  TextTable table({"DIRECTOR", "ROLE", "WEIGHT", "IN KERNEL", "ACTIVE", "INACTIVE", "STATE"});
  for (const auto& row : service.directors) {
    table.add({row.director,
               row.role,
               text_or_blank(row.wanted),
               text_or_blank(row.kernel),
               text_or_blank(row.active),
               text_or_blank(row.inactive),
               {row.state, row.state == kServing ? Tone::kGood : Tone::kBad}});
  }
  return text + (table.empty() ? "  no director\n" : table.to_string(2, colour)) + "\n";
}

std::string headline(const Explanation& explanation) {
  const auto& services = explanation.services;
  if (services.empty()) return "it is a real server of no service";
  const auto served = static_cast<std::size_t>(
      std::count_if(services.begin(), services.end(),
                    [&](const auto& service) { return explanation.is_served(service); }));
  if (served == services.size()) return "gets new connections";
  if (served == 0) return "gets no new connections";
  return "gets new connections of " + std::to_string(served) + " of " +
         counted(services.size(), "service");
}

nlohmann::ordered_json to_value(const ServerOnDirector& row) {
  nlohmann::ordered_json json = {{"director", row.director}, {"role", row.role}};
  if (row.wanted) json["weight"] = *row.wanted;
  if (row.kernel) json["kernelWeight"] = *row.kernel;
  if (row.active) json["activeConnections"] = *row.active;
  if (row.inactive) json["inactiveConnections"] = *row.inactive;
  json["state"] = row.state;
  return json;
}

nlohmann::ordered_json to_value(const Explanation& explanation, const ExplainedService& service) {
  auto directors = nlohmann::ordered_json::array();
  for (const auto& row : service.directors) directors.push_back(to_value(row));
  return {{"service", service.service},
          {"virtualService", service.virtual_service},
          {"serving", explanation.is_served(service)},
          {"directors", std::move(directors)}};
}

nlohmann::ordered_json to_value(const ServerCheck& check) {
  const char* result = !check.good ? "Unknown" : *check.good ? "Good" : "Bad";
  nlohmann::ordered_json json = {
      {"question", check.question}, {"result", result}, {"detail", check.detail}};
  if (!check.next.empty()) json["next"] = check.next;
  return json;
}

}  // namespace

bool Explanation::is_served(const ExplainedService& service) const {
  return std::any_of(service.directors.begin(), service.directors.end(),
                     [](const auto& row) { return row.role == "holder" && row.state == kServing; });
}

bool Explanation::is_serving() const {
  return !services.empty() && std::all_of(services.begin(), services.end(),
                                          [this](const auto& s) { return is_served(s); });
}

std::vector<std::string> Explanation::next() const {
  std::vector<std::string> steps;
  for (const bool bad : {true, false}) {
    for (const auto& check : checks) {
      if (check.next.empty() || (check.good == false) != bad) continue;
      if (std::find(steps.begin(), steps.end(), check.next) == steps.end()) {
        steps.push_back(check.next);
      }
    }
  }
  if (steps.empty()) steps.emplace_back("nothing");
  return steps;
}

std::string to_text(const Explanation& explanation, bool colour) {
  std::string text = paint(explanation.name, Tone::kHeading, colour);
  if (!explanation.node.empty()) text += "  on node " + explanation.node;
  text += "  " + join(explanation.addresses) + "\n" + headline(explanation) + "\n\n";
  for (const auto& service : explanation.services) text += explained_service_text(service, colour);
  TextTable table({"CHECK", "RESULT", "DETAIL"});
  for (const auto& check : explanation.checks) {
    table.add({check.question, result_cell(check.good), check.detail});
  }
  text += table.to_string(0, colour) + "\nnext:\n";
  for (const auto& step : explanation.next()) text += "  " + step + "\n";
  return text;
}

std::string to_json(const Explanation& explanation) {
  nlohmann::ordered_json json = {{"name", explanation.name},
                                 {"node", explanation.node},
                                 {"addresses", explanation.addresses},
                                 {"serving", explanation.is_serving()},
                                 {"complete", explanation.complete}};
  json["services"] = nlohmann::ordered_json::array();
  for (const auto& service : explanation.services) {
    json["services"].push_back(to_value(explanation, service));
  }
  json["checks"] = nlohmann::ordered_json::array();
  for (const auto& check : explanation.checks) json["checks"].push_back(to_value(check));
  json["next"] = explanation.next();
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

int exit_code_of(const Explanation& explanation) {
  if (!explanation.complete) return kExitUnreachable;
  return explanation.is_serving() ? kExitOk : kExitNo;
}

}  // namespace lvs::cli
