// The status of objects, as the operator wrote it, back into values. Lenient: it is for reading.
#include <nlohmann/json.hpp>

#include "cli/kube_objects.h"

namespace lvs::cli {
namespace {

std::string text(const nlohmann::json& object, const char* key) {
  const auto member = object.find(key);
  return member != object.end() && member->is_string() ? member->get<std::string>() : "";
}

template <typename Number>
Number number(const nlohmann::json& object, const char* key) {
  const auto member = object.find(key);
  return member != object.end() && member->is_number_integer() ? member->get<Number>() : Number{};
}

const nlohmann::json& member(const nlohmann::json& object, const char* key,
                             const nlohmann::json& otherwise) {
  const auto found = object.find(key);
  return found != object.end() && found->type() == otherwise.type() ? *found : otherwise;
}
const nlohmann::json& object_in(const nlohmann::json& object, const char* key) {
  static const nlohmann::json kNone = nlohmann::json::object();
  return member(object, key, kNone);
}
const nlohmann::json& list_in(const nlohmann::json& object, const char* key) {
  static const nlohmann::json kNone = nlohmann::json::array();
  return member(object, key, kNone);
}

nlohmann::json status_in(const std::string& json) {
  const nlohmann::json object = nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false);
  return object.is_object() ? object_in(object, "status") : nlohmann::json::object();
}

std::vector<Condition> conditions_in(const nlohmann::json& status) {
  std::vector<Condition> conditions;
  for (const auto& item : list_in(status, "conditions")) {
    if (!item.is_object()) continue;
    conditions.push_back({.type = text(item, "type"),
                          .status = text(item, "status"),
                          .reason = text(item, "reason"),
                          .message = text(item, "message"),
                          .observed_generation = number<std::int64_t>(item, "observedGeneration"),
                          .last_transition = text(item, "lastTransitionTime")});
  }
  return conditions;
}

std::vector<VipStatus> vips_in(const nlohmann::json& status) {
  std::vector<VipStatus> vips;
  for (const auto& item : list_in(status, "vips")) {
    if (!item.is_object()) continue;
    const auto address = IpAddress::parse(text(item, "address"));
    if (!address) continue;
    vips.push_back({.address = *address,
                    .holder = text(item, "holder"),
                    .term = number<std::uint64_t>(item, "term"),
                    .since = text(item, "since"),
                    .previous_holder = text(item, "previousHolder"),
                    .reason = text(item, "reason")});
  }
  return vips;
}

std::vector<ServedService> services_in(const nlohmann::json& status) {
  std::vector<ServedService> services;
  for (const auto& item : list_in(status, "services")) {
    if (!item.is_object()) continue;
    services.push_back({.virtual_service = text(item, "virtualService"),
                        .port = number<std::uint16_t>(item, "port"),
                        .protocol = parse_protocol(text(item, "protocol")).value_or(Protocol::kTcp),
                        .state = text(item, "state"),
                        .health = text(item, "health"),
                        .weight = number<std::uint32_t>(item, "weight")});
  }
  return services;
}

}  // namespace

VirtualServiceStatus decode_virtual_service_status(const std::string& object_json) {
  const nlohmann::json status = status_in(object_json);
  VirtualServiceStatus out;
  out.observed_generation = number<std::int64_t>(status, "observedGeneration");
  out.conditions = conditions_in(status);
  out.vips = vips_in(status);
  const nlohmann::json& counts = object_in(status, "realServers");
  out.real_servers = {.total = number<int>(counts, "total"),
                      .ready = number<int>(counts, "ready"),
                      .draining = number<int>(counts, "draining"),
                      .down = number<int>(counts, "down")};
  const nlohmann::json& summary = object_in(status, "summary");
  out.vips_text = text(summary, "vips");
  out.ports_text = text(summary, "ports");
  out.holder_text = text(summary, "holder");
  out.ready_text = text(summary, "ready");
  return out;
}

RealServerStatus decode_real_server_status(const std::string& object_json) {
  const nlohmann::json status = status_in(object_json);
  RealServerStatus out;
  out.observed_generation = number<std::int64_t>(status, "observedGeneration");
  out.conditions = conditions_in(status);
  out.services = services_in(status);
  const nlohmann::json& summary = object_in(status, "summary");
  out.address_text = text(summary, "address");
  out.state_text = text(summary, "state");
  out.services_text = text(summary, "services");
  return out;
}

}  // namespace lvs::cli
