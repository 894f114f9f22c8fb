#include <nlohmann/json.hpp>

#include "cli/status_report.h"

namespace lvs::cli {
namespace {

using Json = nlohmann::ordered_json;

void put_if(Json& json, const char* key, const std::string& text) {
  if (!text.empty()) json[key] = text;
}

template <typename Value>
void put_if(Json& json, const char* key, const std::optional<Value>& value) {
  if (value) json[key] = *value;
}

Json to_value(const VipRow& row) {
  Json json = {{"address", row.address}, {"holders", row.holders}};
  put_if(json, "present", row.present);
  json["term"] = row.term;
  put_if(json, "since", row.since);
  put_if(json, "previousHolder", row.previous);
  put_if(json, "reason", row.reason);
  put_if(json, "standby", row.standby);
  json["candidates"] = row.candidates;
  return json;
}

Json to_value(const ServerRow& row) {
  Json json = Json::object();
  put_if(json, "name", row.name);
  json["address"] = row.address;
  put_if(json, "weight", row.weight);
  put_if(json, "activeConnections", row.active);
  put_if(json, "inactiveConnections", row.inactive);
  json["state"] = row.state;
  put_if(json, "prepared", row.prepared);
  put_if(json, "reason", row.reason);
  put_if(json, "message", row.message);
  return json;
}

Json to_value(const ServiceRow& row);
Json to_value(const NodeRow& row);
Json to_value(const HeartbeatRow& row);
Json to_value(const ProblemRow& row);

template <typename Row>
Json to_list(const std::vector<Row>& rows) {
  Json list = Json::array();
  for (const auto& row : rows) list.push_back(to_value(row));
  return list;
}

Json to_value(const ServiceRow& row) {
  Json json = {{"service", row.service}};
  put_if(json, "virtualService", row.virtual_service);
  put_if(json, "scheduler", row.scheduler);
  put_if(json, "seenOn", row.seen_on);
  json["realServers"] = to_list(row.servers);
  return json;
}

Json to_value(const NodeRow& row) {
  Json json = {{"node", row.node}};
  put_if(json, "role", row.role);
  put_if(json, "endpoint", row.endpoint);
  put_if(json, "reachable", row.reachable);
  put_if(json, "version", row.version);
  put_if(json, "storedPlan", row.stored_plan);
  put_if(json, "appliedPlan", row.applied_plan);
  return json;
}

Json to_value(const HeartbeatRow& row) {
  Json json = {{"director", row.director},   {"peer", row.peer},
               {"heard", row.heard},         {"warm", row.warm},
               {"available", row.available}, {"roundTripMs", row.round_trip_ms},
               {"received", row.received},   {"lost", row.lost}};
  put_if(json, "lastHeardMs", row.last_heard_ms);
  return json;
}

Json to_value(const ProblemRow& row) {
  Json json = {{"where", row.where}};
  put_if(json, "reason", row.reason);
  json["message"] = row.message;
  return json;
}

}  // namespace

std::string to_json(const StatusReport& report) {
  return Json{{"healthy", report.complete && report.problems.empty()},
              {"complete", report.complete},
              {"vips", to_list(report.vips)},
              {"services", to_list(report.services)},
              {"nodes", to_list(report.nodes)},
              {"heartbeats", to_list(report.heartbeats)},
              {"problems", to_list(report.problems)}}
      .dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace lvs::cli
