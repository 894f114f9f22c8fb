// Status as the body of a server-side apply. What the schema bounds is cut here, because a status
// that is too long would be refused as a whole.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "api/codec.h"

namespace lvs {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLongestMessage = 32768;
constexpr std::size_t kLongestReason = 1024;
constexpr std::size_t kMostServices = 1024;

// Cut at the boundary of a UTF-8 character.
std::string cut(const std::string& text, std::size_t longest) {
  if (text.size() <= longest) return text;
  std::size_t end = longest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
  return text.substr(0, end);
}

void put_if(Json& object, const char* key, const std::string& text) {
  if (!text.empty()) object[key] = text;
}

Json to_json(const Condition& condition) {
  Json out = {{"type", condition.type},
              {"status", condition.status},
              {"reason", cut(condition.reason, kLongestReason)},
              {"message", cut(condition.message, kLongestMessage)},
              {"lastTransitionTime", condition.last_transition}};
  if (condition.observed_generation != 0) out["observedGeneration"] = condition.observed_generation;
  return out;
}

Json to_json(const std::vector<Condition>& conditions) {
  Json out = Json::array();
  for (const auto& condition : conditions) out.push_back(to_json(condition));
  return out;
}

Json to_json(const VipStatus& vip) {
  Json out = {{"address", vip.address.to_string()}};
  put_if(out, "holder", vip.holder);
  if (vip.term != 0) out["term"] = vip.term;
  put_if(out, "since", vip.since);
  put_if(out, "previousHolder", vip.previous_holder);
  put_if(out, "reason", cut(vip.reason, kLongestReason));
  return out;
}

Json to_json(const ServedService& service) {
  Json out = {{"virtualService", service.virtual_service},
              {"port", service.port},
              {"protocol", to_string(service.protocol)},
              {"weight", service.weight}};
  put_if(out, "state", service.state);
  put_if(out, "health", service.health);
  if (service.left) {
    out["activeConnections"] = service.left->active;
    out["inactiveConnections"] = service.left->inactive;
  }
  return out;
}

Json to_json(const VirtualServiceStatus& status) {
  Json vips = Json::array();
  for (const auto& vip : status.vips) vips.push_back(to_json(vip));
  const auto& counts = status.real_servers;
  return {{"observedGeneration", status.observed_generation},
          {"conditions", to_json(status.conditions)},
          {"vips", std::move(vips)},
          {"realServers",
           {{"total", counts.total},
            {"ready", counts.ready},
            {"draining", counts.draining},
            {"down", counts.down}}},
          {"summary",
           {{"vips", status.vips_text},
            {"ports", status.ports_text},
            {"holder", status.holder_text},
            {"ready", status.ready_text}}}};
}

Json to_json(const RealServerStatus& status) {
  Json services = Json::array();
  const std::size_t count = std::min(status.services.size(), kMostServices);
  for (std::size_t i = 0; i < count; ++i) services.push_back(to_json(status.services[i]));
  Json summary = {{"address", status.address_text},
                  {"state", status.state_text},
                  {"services", status.services_text}};
  if (status.active) summary["active"] = *status.active;
  return {{"observedGeneration", status.observed_generation},
          {"conditions", to_json(status.conditions)},
          {"services", std::move(services)},
          {"summary", std::move(summary)}};
}

std::string patch(Kind kind, const ObjectKey& key, Json status) {
  const Json body = {{"apiVersion", "lvs-operator.io/v1alpha1"},
                     {"kind", to_string(kind)},
                     {"metadata", {{"name", key.name}, {"namespace", key.ns}}},
                     {"status", std::move(status)}};
  // Texts of the kernel may hold any byte; JSON may not.
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string encode_status_patch(const ObjectKey& key, const VirtualServiceStatus& status) {
  return patch(Kind::kVirtualService, key, to_json(status));
}

std::string encode_status_patch(const ObjectKey& key, const RealServerStatus& status) {
  return patch(Kind::kRealServer, key, to_json(status));
}

}  // namespace lvs
