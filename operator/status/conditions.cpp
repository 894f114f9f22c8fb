#include "operator/status/conditions.h"

#include <algorithm>

#include "operator/status/health_status.h"

namespace lvs {
namespace {

constexpr std::size_t kMostNames = 5;

ServerState state_of(const RealServer& server, const PlannedDestination& destination) {
  if (server.spec.drain) return ServerState::kDraining;
  if (destination.admission == Admission::kForceDown) return ServerState::kForcedDown;
  if (destination.config.weight == 0) return ServerState::kQuiesced;
  const bool admitted =
      destination.admission == Admission::kAdmit || destination.admission == Admission::kForceUp;
  return admitted ? ServerState::kServing : ServerState::kPreparing;
}

std::optional<IpAddress> address_of(const StatusSources& sources, const RealServer& server,
                                    Family family) {
  if (server.spec.address) {
    if (server.spec.address->family() == family) return server.spec.address;
    return std::nullopt;
  }
  const auto node = sources.cluster.nodes.find({"", server.spec.node_name});
  if (node == sources.cluster.nodes.end()) return std::nullopt;
  return node->second->internal_ip(family);
}

// In the plan of the first candidate; all candidates plan the same.
const PlannedDestination* find_destination(const StatusSources& sources, const ServiceKey& service,
                                           const DestinationKey& key) {
  for (const auto& node : sources.planner.candidates_of(service.address)) {
    const auto* plan = plan_of(sources, node);
    if (plan == nullptr) continue;
    const auto planned = plan->plan().services.find(service);
    if (planned == plan->plan().services.end()) continue;
    const auto& destinations = planned->second->destinations;
    const auto found = std::lower_bound(
        destinations.begin(), destinations.end(), key,
        [](const auto& d, const DestinationKey& wanted) { return d.key < wanted; });
    if (found != destinations.end() && found->key == key) return &*found;
  }
  return nullptr;
}

}  // namespace

Verdict yes(std::string reason, std::string message) {
  return {"True", std::move(reason), std::move(message)};
}
Verdict no(std::string reason, std::string message) {
  return {"False", std::move(reason), std::move(message)};
}
Verdict unknown(std::string reason, std::string message) {
  return {"Unknown", std::move(reason), std::move(message)};
}

const Condition* find_condition(const std::vector<Condition>* conditions, const std::string& type) {
  if (conditions == nullptr) return nullptr;
  const auto found = std::find_if(conditions->begin(), conditions->end(),
                                  [&](const auto& condition) { return condition.type == type; });
  return found == conditions->end() ? nullptr : &*found;
}

Condition make_condition(const std::string& type, Verdict verdict, std::int64_t generation,
                         const std::vector<Condition>* before, WallTime now) {
  const auto* old = find_condition(before, type);
  const bool same = old != nullptr && old->status == verdict.status;
  return {type,
          std::move(verdict.status),
          std::move(verdict.reason),
          std::move(verdict.message),
          generation,
          same ? old->last_transition : to_rfc3339(now)};
}

bool has_error(const Diagnostics& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const auto& d) { return d.severity == Severity::kError; });
}

// A service without servers is programmed, and yet it is not what its author can have meant.
bool denies_acceptance(const Diagnostic& diagnostic) {
  return diagnostic.severity == Severity::kError || diagnostic.reason == "NoRealServers";
}

Verdict accepted(const Diagnostics& diagnostics) {
  std::string message;
  const bool refused = std::any_of(diagnostics.begin(), diagnostics.end(), denies_acceptance);
  const Diagnostic* first = nullptr;
  for (const auto& diagnostic : diagnostics) {
    if (refused && !denies_acceptance(diagnostic)) continue;
    if (first == nullptr) first = &diagnostic;
    if (!message.empty()) message += "; ";
    if (!diagnostic.field.empty()) message += diagnostic.field + ": ";
    message += diagnostic.message;
  }
  if (refused) return no(first->reason, std::move(message));
  if (first != nullptr) return yes(first->reason, std::move(message));
  return yes("Accepted", "no rule is broken");
}

std::string enumerate(const std::vector<std::string>& names) {
  std::string text;
  const std::size_t shown = std::min(names.size(), kMostNames);
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
    text += names[i];
  }
  if (names.size() > shown) text += " and " + std::to_string(names.size() - shown) + " more";
  return text;
}

std::string join(const std::vector<std::string>& parts) {
  std::string text;
  for (const auto& part : parts) text.append(text.empty() ? "" : ",").append(part);
  return text;
}

const HashedPlan* plan_of(const StatusSources& sources, const std::string& node) {
  const auto found = sources.planner.plans().find(node);
  return found == sources.planner.plans().end() ? nullptr : &found->second;
}

const NodeStatus* report_of(const StatusSources& sources, const std::string& node) {
  const auto found = sources.cluster.reports.find(node);
  return found == sources.cluster.reports.end() ? nullptr : found->second.get();
}

std::string remarks_on(const StatusSources& sources, const std::string& node) {
  std::string text;
  for (const auto& diagnostic : sources.planner.diagnostics_of(Kind::kNode, {"", node})) {
    text += "; " + to_string(diagnostic);
  }
  if (const auto error = sources.push_errors.find(node); error != sources.push_errors.end()) {
    text += "; its agent does not store the plan: " + error->second.message;
  }
  return text;
}

const char* to_string(ServerState state) {
  switch (state) {
    case ServerState::kServing:
      return "Serving";
    case ServerState::kDown:
      return "Down";
    case ServerState::kForcedDown:
      return "ForcedDown";
    case ServerState::kPreparing:
      return "Preparing";
    case ServerState::kDraining:
      return "Draining";
    case ServerState::kQuiesced:
      return "Quiesced";
    case ServerState::kNotAccepted:
      break;
  }
  return "NotAccepted";
}

ServerState server_state(const StatusSources& sources, const VirtualService& service,
                         const PortSpec& port, const RealServer& server) {
  std::optional<ServerState> worst;
  for (const auto& vip : service.spec.vips) {
    const auto address = address_of(sources, server, vip.family());
    if (!address) continue;
    const DestinationKey key{*address, port.target_port.value_or(port.port)};
    const ServiceKey served{vip, port.protocol, port.port, 0};
    const auto* planned = find_destination(sources, served, key);
    auto state = planned == nullptr ? ServerState::kNotAccepted : state_of(server, *planned);
    const auto unhealthy = find_unhealthy(sources, served, *address);
    const bool forced = planned != nullptr && planned->admission == Admission::kForceUp;
    if (state == ServerState::kServing && unhealthy && !unhealthy->fail_open && !forced) {
      state = ServerState::kDown;
    }
    if (!worst || *worst < state) worst = state;
  }
  return worst.value_or(ServerState::kNotAccepted);
}

std::vector<IpAddress> addresses_of(const StatusSources& sources, const RealServer& server) {
  std::vector<IpAddress> addresses;
  for (const auto family : {Family::kV4, Family::kV6}) {
    if (const auto address = address_of(sources, server, family)) addresses.push_back(*address);
  }
  return addresses;
}

}  // namespace lvs
