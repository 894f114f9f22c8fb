#include "api/codec.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <limits>

#include "api/agent_port.h"
#include "api/codec_internal.h"
#include "api/messages.h"

namespace lvs {
namespace {

constexpr std::string_view kGroupVersion = "lvs-operator.io/v1alpha1";
constexpr std::string_view kCoreVersion = "v1";
constexpr std::size_t kLongestName = 253;
constexpr const char* kNotATime = "not a time; write one like 2026-01-31T08:15:00Z";

// A number of exactly so many digits at the front of `text`, which it is cut from.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, value);
  if (error != std::errc() || end != text.data() + digits || value < 0) return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

// RFC 3339 in UTC, as Kubernetes writes it; seconds since the epoch.
std::optional<std::int64_t> parse_time(std::string_view text) {
  std::array<int, 6> parts{};
  static constexpr std::array<std::size_t, 6> kDigits{4, 2, 2, 2, 2, 2};
  static constexpr std::string_view kAfter = "--T::Z";
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto number = take_number(text, kDigits[i]);
    if (!number || !take(text, kAfter[i])) return std::nullopt;
    parts[i] = *number;
  }
  const std::chrono::year_month_day day{std::chrono::year(parts[0]),
                                        std::chrono::month(static_cast<unsigned>(parts[1])),
                                        std::chrono::day(static_cast<unsigned>(parts[2]))};
  if (!day.ok() || !text.empty() || parts[3] > 23 || parts[4] > 59 || parts[5] > 60) {
    return std::nullopt;
  }
  const std::chrono::seconds since_epoch =
      std::chrono::sys_days(day).time_since_epoch() + std::chrono::hours(parts[3]) +
      std::chrono::minutes(parts[4]) + std::chrono::seconds(parts[5]);
  return since_epoch.count();
}

void read_texts(const JsonValue& value, Labels& out) {
  value.for_each_member([&out](const std::string& key, const JsonValue& member) {
    if (auto text = member.text()) out[key] = std::move(*text);
  });
}

void read_metadata(const JsonValue& value, ObjectMeta& out) {
  JsonObject object(value);
  static_cast<void>(object.require("name"));
  object.read("name", kLongestName, kNotAName, out.key.name);
  object.read("namespace", kLongestName, kNotAName, out.key.ns);
  if (const auto labels = object.find("labels")) read_texts(*labels, out.labels);
  if (const auto annotations = object.find("annotations"))
    read_texts(*annotations, out.annotations);
  object.read("generation", 0, std::numeric_limits<std::int64_t>::max(), "is negative",
              out.generation);
  if (const auto created = object.find("creationTimestamp")) {
    const auto text = created->text();
    const auto time = text ? parse_time(*text) : std::nullopt;
    if (text && !time) created->refuse(kNotATime);
    out.created = time.value_or(0);
  }
  if (const auto uid = object.find("uid")) out.uid = uid->text().value_or("");
  // What `kubectl get -o yaml` writes besides.
  for (const auto* key :
       {"resourceVersion", "managedFields", "ownerReferences", "finalizers", "generateName",
        "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds"}) {
    object.skip(key);
  }
  object.done();
}

// Names (Hostname, ExternalDNS) stand in the same list as addresses; only InternalIP is asked for.
void read_node_addresses(const JsonValue& status, Node& out) {
  static constexpr std::size_t kMostAddresses = 1024;
  JsonObject object(status);
  const auto addresses = object.find("addresses");
  if (!addresses) return;
  addresses->for_each_item(kMostAddresses, [&out](const JsonValue& item) {
    JsonObject entry(item);
    const auto type = entry.require("type");
    const auto address = entry.require("address");
    if (!type || !address || type->text() != "InternalIP") return;
    if (const auto ip = address->address()) out.internal_ips.push_back(*ip);
  });
}

// An annotation that is no port leaves the default; core/validate says what is wrong with it.
void read_agent_port(Node& out) {
  const auto annotation = out.meta.annotations.find(kAgentPortAnnotation);
  if (annotation == out.meta.annotations.end()) return;
  out.agent_port = parse_agent_port(annotation->second).value_or(kDefaultAgentPort);
}

template <typename Object, typename ReadSpec>
Object decode_ours(JsonObject& object, ReadSpec read_spec) {
  Object out;
  if (const auto metadata = object.require("metadata")) read_metadata(*metadata, out.meta);
  if (const auto spec = object.require("spec")) read_spec(*spec, out.spec);
  object.skip("status");
  object.done();
  return out;
}

Node decode_node(JsonObject& object) {
  Node out;
  if (const auto metadata = object.require("metadata")) read_metadata(*metadata, out.meta);
  if (const auto status = object.find("status")) read_node_addresses(*status, out);
  if (const auto spec = object.find("spec")) {
    JsonObject entry(*spec);
    entry.read("unschedulable", out.cordoned);
  }
  read_agent_port(out);
  return out;
}

std::string kind_text(const Json& object) {
  const auto text = [&object](const char* key) {
    const auto member = object.is_object() ? object.find(key) : object.end();
    if (!object.is_object() || member == object.end()) return std::string("(none)");
    return member->is_string() ? member->get<std::string>() : member->dump();
  };
  return "kind " + text("kind") + " of apiVersion " + text("apiVersion");
}

std::string name_text(const Json& object) {
  static const Json::json_pointer kNamespace("/metadata/namespace");
  static const Json::json_pointer kName("/metadata/name");
  const auto text = [&object](const Json::json_pointer& where) {
    return object.contains(where) && object[where].is_string() ? object[where].get<std::string>()
                                                               : std::string();
  };
  const ObjectKey key{text(kNamespace), text(kName)};
  return key.name.empty() ? "without a name" : to_string(key);
}

std::string object_text(const Json& object) {
  if (!object.is_object()) return "object";
  const auto kind = object.find("kind");
  const bool named = kind != object.end() && kind->is_string();
  return (named ? kind->get<std::string>() : std::string("object")) + " " + name_text(object);
}

}  // namespace

std::optional<Resource> decode_resource(const Json& json, DecodeLog& log) {
  const JsonValue value(json, FieldPath{}, log);
  JsonObject object(value);
  std::string version;
  std::string kind;
  object.read("apiVersion", kLongestName, "Required value", version);
  object.read("kind", kLongestName, "Required value", kind);
  std::optional<Resource> out;
  if (version == kGroupVersion && kind == to_string(Kind::kVirtualService)) {
    out = decode_ours<VirtualService>(object, read_virtual_service_spec);
  } else if (version == kGroupVersion && kind == to_string(Kind::kRealServer)) {
    out = decode_ours<RealServer>(object, read_real_server_spec);
  } else if (version == kCoreVersion && kind == to_string(Kind::kNode)) {
    out = decode_node(object);
  } else if (log.problems.empty()) {
    value.refuse(kind_text(json) +
                 " is not handled; write VirtualService or RealServer of lvs-operator.io/v1alpha1, "
                 "or Node of v1");
  }
  return log.problems.empty() ? out : std::nullopt;
}

Error decode_error(const Json& object, const std::vector<DecodeProblem>& problems) {
  static constexpr std::size_t kMostShown = 8;
  std::string text = object_text(object) + ": ";
  for (std::size_t i = 0; i < std::min(problems.size(), kMostShown); ++i) {
    text += (i == 0 ? "" : " | ") + problems[i].text;
  }
  if (problems.size() > kMostShown) {
    text += " | and " + std::to_string(problems.size() - kMostShown) + " more";
  }
  return {ErrorCode::kInvalidArgument, std::move(text)};
}

Result<Resource> decode_resource(const Json& object, UnknownFields unknown) {
  DecodeLog log{unknown, {}};
  auto resource = decode_resource(object, log);
  if (!resource) return tl::unexpected(decode_error(object, log.problems));
  return std::move(*resource);
}

Result<Resource> decode_resource(std::string_view json_text, UnknownFields unknown) {
  const Json object = Json::parse(json_text, nullptr, /*allow_exceptions=*/false);
  if (object.is_discarded()) {
    return fail(ErrorCode::kInvalidArgument,
                "the object is not JSON: " + std::string(json_text.substr(0, 80)));
  }
  return decode_resource(object, unknown);
}

}  // namespace lvs
