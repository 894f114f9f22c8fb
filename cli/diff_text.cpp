#include <algorithm>

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/diff_report.h"
#include "cli/table.h"

namespace lvs::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string headline_of(const NodeDiff& node) {
  if (!node.error.empty()) return "unreachable: " + node.error;
  if (node.operations.empty()) return "no difference";
  const std::string count = counted(node.operations.size(), "operation");
  return node.against == "manifests" ? count + " to follow the manifests" : count + " pending";
}

std::string node_text(const NodeDiff& node, bool colour) {
  std::string text = paint(node.node, Tone::kHeading, colour) + ": " + headline_of(node) + "\n";
  for (const auto& line : node.operations) text += "  " + line + "\n";
  for (const auto& line : node.foreign) {
    text += paint("  foreign, left alone: " + line, Tone::kDim, colour) + "\n";
  }
  return text;
}

Json to_value(const NodeDiff& node) {
  Json json = {{"node", node.node}, {"reachable", node.error.empty()}};
  if (!node.error.empty()) {
    json["error"] = node.error;
    return json;
  }
  json["against"] = node.against;
  json["operations"] = node.operations;
  json["foreign"] = node.foreign;
  return json;
}

}  // namespace

std::string to_text(const DiffReport& report, bool colour) {
  std::string text;
  for (const auto& node : report.nodes) text += node_text(node, colour);
  return text.empty() ? "no nodes to ask\n" : text;
}

std::string to_json(const DiffReport& report) {
  Json nodes = Json::array();
  for (const auto& node : report.nodes) nodes.push_back(to_value(node));
  return Json{{"different", exit_code_of(report) == kExitNo}, {"nodes", std::move(nodes)}}.dump(
      2, ' ', false, Json::error_handler_t::replace);
}

int exit_code_of(const DiffReport& report) {
  const auto any = [&report](auto is) {
    return std::any_of(report.nodes.begin(), report.nodes.end(), is);
  };
  if (any([](const NodeDiff& node) { return !node.error.empty(); })) return kExitUnreachable;
  return any([](const NodeDiff& node) { return !node.operations.empty(); }) ? kExitNo : kExitOk;
}

}  // namespace lvs::cli
