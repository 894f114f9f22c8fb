#include "kube/lease.h"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace lvs {
namespace {

using Json = nlohmann::json;

std::string text_at(const Json& object, const char* name) {
  if (!object.is_object()) return {};
  const auto field = object.find(name);
  return field != object.end() && field->is_string() ? field->get<std::string>() : std::string{};
}

// Negative or absent numbers read as 0.
std::uint64_t number_at(const Json& object, const char* name) {
  if (!object.is_object()) return 0;
  const auto field = object.find(name);
  if (field == object.end() || !field->is_number_integer()) return 0;
  return static_cast<std::uint64_t>(std::max<std::int64_t>(field->get<std::int64_t>(), 0));
}

const Json& member(const Json& object, const char* name) {
  static const Json kNothing;
  if (!object.is_object()) return kNothing;
  const auto field = object.find(name);
  return field == object.end() ? kNothing : *field;
}

std::int64_t whole_seconds(Duration duration) {
  return std::max<std::int64_t>(std::chrono::ceil<std::chrono::seconds>(duration).count(), 1);
}

Result<Lease> decode_lease_object(const Json& json) {
  if (!json.is_object()) return fail(ErrorCode::kCorrupt, "lease: is not a JSON object");
  const Json& meta = member(json, "metadata");
  const Json& spec = member(json, "spec");
  Lease lease;
  lease.key = {text_at(meta, "namespace"), text_at(meta, "name")};
  lease.resource_version = text_at(meta, "resourceVersion");
  if (lease.key.name.empty() || lease.resource_version.empty()) {
    return fail(ErrorCode::kCorrupt, "lease: no metadata.name or metadata.resourceVersion");
  }
  if (meta.contains("labels") && meta["labels"].is_object()) {
    for (const auto& [name, value] : meta["labels"].items()) {
      if (value.is_string()) lease.labels[name] = value.get<std::string>();
    }
  }
  lease.holder = text_at(spec, "holderIdentity");
  lease.duration = std::chrono::seconds(
      std::min<std::uint64_t>(number_at(spec, "leaseDurationSeconds"), INT32_MAX));
  lease.transitions = number_at(spec, "leaseTransitions");
  lease.acquire_time = text_at(spec, "acquireTime");
  lease.renew_time = text_at(spec, "renewTime");
  return lease;
}

Result<Lease> decode(const std::string& text) { return decode_lease(text); }

}  // namespace

std::string format_micro_time(std::chrono::system_clock::time_point time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(time - whole).count();
  std::string text = to_rfc3339(whole);
  const std::string digits = std::to_string(micros);
  text.pop_back();  // the Z
  return text + "." + std::string(6 - digits.size(), '0') + digits + "Z";
}

Result<Lease> decode_lease(std::string_view json_text) {
  return decode_lease_object(Json::parse(json_text, nullptr, false));
}

Result<std::vector<Lease>> decode_lease_list(std::string_view json_text) {
  const Json json = Json::parse(json_text, nullptr, false);
  const Json& items = member(json, "items");
  if (!items.is_array()) return fail(ErrorCode::kCorrupt, "leases: are not a list");
  std::vector<Lease> leases;
  leases.reserve(items.size());
  for (const Json& item : items) {
    if (auto lease = decode_lease_object(item)) leases.push_back(std::move(*lease));
  }
  return leases;
}

std::string encode_lease(const Lease& lease) {
  Json meta{{"name", lease.key.name}, {"namespace", lease.key.ns}};
  if (!lease.labels.empty()) meta["labels"] = lease.labels;
  if (!lease.resource_version.empty()) meta["resourceVersion"] = lease.resource_version;
  Json spec{{"holderIdentity", lease.holder},
            {"leaseDurationSeconds", whole_seconds(lease.duration)},
            {"leaseTransitions", lease.transitions}};
  if (!lease.acquire_time.empty()) spec["acquireTime"] = lease.acquire_time;
  if (!lease.renew_time.empty()) spec["renewTime"] = lease.renew_time;
  const Json json{{"apiVersion", "coordination.k8s.io/v1"},
                  {"kind", "Lease"},
                  {"metadata", meta},
                  {"spec", spec}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Lease> LeaseClient::get(const ObjectKey& key) {
  return client_.get(lease_type(), key, {timeout_, Duration{0}, {}}).and_then(decode);
}

Result<std::vector<Lease>> LeaseClient::list(const std::string& ns) {
  return client_.list_page(lease_type(), {ns, {}, {}, 0, {}}, {timeout_, Duration{0}, {}})
      .and_then([](const std::string& text) { return decode_lease_list(text); });
}

Result<Lease> LeaseClient::create(const Lease& lease) {
  Lease fresh = lease;
  fresh.resource_version.clear();
  return client_
      .create(lease_type(), lease.key.ns, encode_lease(fresh), {timeout_, Duration{0}, {}})
      .and_then(decode);
}

Result<Lease> LeaseClient::update(const Lease& lease) {
  if (lease.resource_version.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "lease " + to_string(lease.key) + ": has not been read before it is written");
  }
  return client_.update(lease_type(), lease.key, encode_lease(lease), {timeout_, Duration{0}, {}})
      .and_then(decode);
}

}  // namespace lvs
