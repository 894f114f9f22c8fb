#include "kube/event.h"

#include <nlohmann/json.hpp>

#include "kube/lease.h"

namespace lvs {
namespace {

using Json = nlohmann::json;

// What the API server accepts.
constexpr std::size_t kLongestNote = 1024;
constexpr const char* kController = "lvs-operator.io/operator";

std::string cut(const std::string& text) {
  if (text.size() <= kLongestNote) return text;
  std::size_t end = kLongestNote;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
  return text.substr(0, end);
}

}  // namespace

ResourceType event_type() { return {"events.k8s.io", "v1", "events", true}; }

std::string event_namespace(const KubeEvent& event) {
  return event.object.ns.empty() ? "default" : event.object.ns;
}

std::string encode_event(const KubeEvent& event) {
  const bool node = event.kind == Kind::kNode;
  Json regarding = {{"apiVersion", node ? "v1" : "lvs-operator.io/v1alpha1"},
                    {"kind", to_string(event.kind)},
                    {"name", event.object.name}};
  if (!event.object.ns.empty()) regarding["namespace"] = event.object.ns;
  if (!event.uid.empty()) regarding["uid"] = event.uid;
  const Json json = {{"apiVersion", "events.k8s.io/v1"},
                     {"kind", "Event"},
                     {"metadata", {{"name", event.name}, {"namespace", event_namespace(event)}}},
                     {"eventTime", format_micro_time(event.when)},
                     {"reportingController", kController},
                     {"reportingInstance", "lvs-operator"},
                     {"type", event.warning ? "Warning" : "Normal"},
                     {"reason", event.reason},
                     {"action", event.action},
                     {"note", cut(event.note)},
                     {"regarding", std::move(regarding)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace lvs
