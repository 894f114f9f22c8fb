// Status as the API server has it. It was written by an operator, maybe an older one: what cannot
// be read is left out, and then simply written anew.
#include <nlohmann/json.hpp>

#include "api/codec.h"

namespace lvs {
namespace {

using Json = nlohmann::json;

const Json& member(const Json& object, const char* key) {
  static const Json kNothing;
  if (!object.is_object()) return kNothing;
  const auto found = object.find(key);
  return found == object.end() ? kNothing : *found;
}

std::string text(const Json& object, const char* key) {
  const auto& value = member(object, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

template <typename Number>
Number number(const Json& object, const char* key) {
  const auto& value = member(object, key);
  return value.is_number_integer() ? value.get<Number>() : Number{};
}

std::vector<Condition> conditions(const Json& status) {
  std::vector<Condition> result;
  for (const auto& item : member(status, "conditions")) {
    result.push_back({text(item, "type"), text(item, "status"), text(item, "reason"),
                      text(item, "message"), number<std::int64_t>(item, "observedGeneration"),
                      text(item, "lastTransitionTime")});
  }
  return result;
}

VipStatus vip(const Json& item) {
  VipStatus result;
  if (const auto address = IpAddress::parse(text(item, "address"))) result.address = *address;
  result.holder = text(item, "holder");
  result.term = number<std::uint64_t>(item, "term");
  result.since = text(item, "since");
  result.previous_holder = text(item, "previousHolder");
  result.reason = text(item, "reason");
  return result;
}

ServedService served(const Json& item) {
  ServedService result;
  result.virtual_service = text(item, "virtualService");
  result.port = number<std::uint16_t>(item, "port");
  result.protocol = parse_protocol(text(item, "protocol")).value_or(Protocol::kTcp);
  result.state = text(item, "state");
  result.health = text(item, "health");
  result.weight = number<std::uint32_t>(item, "weight");
  if (item.contains("activeConnections")) {
    result.left = ConnectionsLeft{number<std::uint64_t>(item, "activeConnections"),
                                  number<std::uint64_t>(item, "inactiveConnections")};
  }
  return result;
}

}  // namespace

VirtualServiceStatus decode_virtual_service_status(const Json& object) {
  const auto& status = member(object, "status");
  const auto& counts = member(status, "realServers");
  const auto& summary = member(status, "summary");
  VirtualServiceStatus result;
  result.observed_generation = number<std::int64_t>(status, "observedGeneration");
  result.conditions = conditions(status);
  for (const auto& item : member(status, "vips")) result.vips.push_back(vip(item));
  result.real_servers = {number<int>(counts, "total"), number<int>(counts, "ready"),
                         number<int>(counts, "draining"), number<int>(counts, "down")};
  result.vips_text = text(summary, "vips");
  result.ports_text = text(summary, "ports");
  result.holder_text = text(summary, "holder");
  result.ready_text = text(summary, "ready");
  return result;
}

RealServerStatus decode_real_server_status(const Json& object) {
  const auto& status = member(object, "status");
  const auto& summary = member(status, "summary");
  RealServerStatus result;
  result.observed_generation = number<std::int64_t>(status, "observedGeneration");
  result.conditions = conditions(status);
  for (const auto& item : member(status, "services")) result.services.push_back(served(item));
  result.address_text = text(summary, "address");
  result.state_text = text(summary, "state");
  result.services_text = text(summary, "services");
  if (summary.contains("active")) result.active = number<std::uint64_t>(summary, "active");
  return result;
}

}  // namespace lvs
