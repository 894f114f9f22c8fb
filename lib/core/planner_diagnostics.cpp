#include "core/planner_diagnostics.h"

#include <algorithm>
#include <utility>

#include "core/failover_request.h"
#include "core/forced_health.h"
#include "core/planner_pool.h"
#include "core/validate.h"

namespace lvs::planning {
namespace {

Diagnostic make(Kind kind, const ObjectMeta& meta, Severity severity, const char* reason,
                std::string field, std::string message) {
  return {kind, meta.key, severity, reason, std::move(field), std::move(message), meta.origin};
}

std::string name_of(const AddressUse& use) {
  return use.node != nullptr ? "Node " + use.node->name
                             : "RealServer " + to_string(use.server->object->meta.key);
}

void add_address_clashes(const State& state, const VirtualService& service, Diagnostics& out) {
  for (std::size_t i = 0; i < service.spec.vips.size(); ++i) {
    const IpAddress& vip = service.spec.vips[i];
    const AddressUse* use = state.user_of(vip);
    if (use == nullptr) continue;
    out.push_back(make(Kind::kVirtualService, service.meta, Severity::kError, "VIPIsNodeAddress",
                       "spec.vips[" + std::to_string(i) + "]",
                       vip.to_string() + " is the address of " + name_of(*use) +
                           "; write an address that no machine has"));
  }
}

void add_missing_directors(const State& state, const VirtualService& service, Diagnostics& out) {
  const auto& vips = service.spec.vips;
  const bool none = std::any_of(vips.begin(), vips.end(), [&state](const IpAddress& vip) {
    const auto record = state.vips().find(vip);
    return record == state.vips().end() || record->second.candidates.empty();
  });
  if (!none) return;
  const bool any_director = std::any_of(state.nodes().begin(), state.nodes().end(),
                                        [](const auto& node) { return node.second.is_director(); });
  const std::string label = std::string(kDirectorLabel) + "=true";
  out.push_back(make(
      Kind::kVirtualService, service.meta, Severity::kError, "NoDirector",
      any_director ? "spec.directors.nodeSelector" : "",
      any_director ? "no director node matches the selector; correct it, or label a node with " +
                         label + " and the selector's labels"
                   : "no node is a director; label one with " + label));
}

void add_failover_request(const VirtualService& service, Diagnostics& out) {
  const auto annotation = service.meta.annotations.find(kFailoverAnnotation);
  if (annotation == service.meta.annotations.end()) return;
  const auto requests = parse_failover_requests(annotation->second);
  if (requests) return;
  out.push_back(make(
      Kind::kVirtualService, service.meta, Severity::kWarning, "InvalidFailoverRequest",
      "metadata.annotations[" + std::string(kFailoverAnnotation) + "]", requests.error().message));
}

bool is_empty(const ServiceRecord& record) {
  return std::all_of(record.pools.begin(), record.pools.end(),
                     [](const auto& entry) { return entry.second.empty(); });
}

void add_own(const ServiceRecord& record, Diagnostics& out) {
  if (!record.programmed || !is_empty(record)) return;
  const auto& sorry = record.object->spec.sorry_server;
  const std::string clients =
      sorry ? "clients get the sorry server " + sorry->address.to_string() : "clients are refused";
  out.push_back(make(
      Kind::kVirtualService, record.object->meta, Severity::kWarning, "NoRealServers",
      "spec.realServerSelector",
      record.selected.empty()
          ? "selects no RealServer of this namespace, so that " + clients +
                "; correct it, or label RealServers"
          : "none of the RealServers that it selects can serve (see their conditions), so that " +
                clients + "; correct them"));
}

void add_unknown_node(const ServerRecord& record, Diagnostics& out) {
  if (record.node == nullptr || record.node->object != nullptr) return;
  out.push_back(make(Kind::kRealServer, record.object->meta, Severity::kError, "UnknownNode",
                     "spec.nodeName",
                     "there is no Node " + record.node->name +
                         ", so that the server is left out; correct the name, or add the Node"));
}

const char* family_name(Family family) { return family == Family::kV4 ? "IPv4" : "IPv6"; }

void add_forced(const ServerRecord& record, Diagnostics& out) {
  const auto forced = forced_health_of(record.object->meta.annotations);
  if (forced) return;
  out.push_back(make(Kind::kRealServer, record.object->meta, Severity::kWarning, "InvalidForce", "",
                     forced.error().message));
}

void add_missing_address(const ServerRecord& record, const ServiceRecord& service,
                         const IpAddress& vip, Diagnostics& out) {
  const std::string family = family_name(vip.family());
  out.push_back(make(Kind::kRealServer, record.object->meta, Severity::kWarning,
                     "NoAddressOfFamily", "spec.address",
                     "has no " + family + " address, and so does not serve " + vip.to_string() +
                         " of VirtualService " + service.object->meta.key.name + "; " +
                         (record.object->spec.address
                              ? "add a RealServer with the machine's " + family + " address"
                              : "give its Node an InternalIP of the family, or write an address")));
}

// The one that has the address of an entry that does not serve.
const PoolEntry& winner(const Pool& pool, const PoolEntry& loser) {
  return *std::find_if(pool.begin(), pool.end(), [&loser](const PoolEntry& entry) {
    return entry.address == loser.address && entry.serves;
  });
}

void add_duplicate(const ServiceRecord& service, const Pool& pool, const PoolEntry& entry,
                   Diagnostics& out) {
  if (entry.serves) return;
  out.push_back(make(Kind::kRealServer, entry.server->object->meta, Severity::kWarning,
                     "DuplicateAddress", "spec.address",
                     "the older RealServer " +
                         to_string(winner(pool, entry).server->object->meta.key) + " has " +
                         entry.address.to_string() + " too and serves VirtualService " +
                         service.object->meta.key.name +
                         " in its place; delete one of the two, "
                         "or correct the address"));
}

void add_pool_problems(const ServerRecord& record, const ServiceRecord& service, Diagnostics& out) {
  if (record.node != nullptr && record.node->object == nullptr) return;
  for (const auto& [vip, pool] : service.pools) {
    const auto entry = std::find_if(pool.begin(), pool.end(),
                                    [&record](const PoolEntry& e) { return e.server == &record; });
    if (entry == pool.end()) {
      add_missing_address(record, service, vip, out);
    } else {
      add_duplicate(service, pool, *entry, out);
    }
  }
}

}  // namespace

Diagnostics diagnose(const State& state, const ServiceRecord& record) {
  if (!record.invalid.empty()) return record.invalid;
  Diagnostics out = record.conflicts;
  add_address_clashes(state, *record.object, out);
  if (record.claims_granted) add_missing_directors(state, *record.object, out);
  add_own(record, out);
  add_failover_request(*record.object, out);
  return out;
}

Diagnostics diagnose(const State& /*state*/, const ServerRecord& record) {
  if (!record.invalid.empty()) return record.invalid;
  Diagnostics out;
  add_unknown_node(record, out);
  add_forced(record, out);
  std::vector<const ServiceRecord*> services(record.selected_by.begin(), record.selected_by.end());
  std::sort(services.begin(), services.end(),
            [](const auto* a, const auto* b) { return a->object->meta.key < b->object->meta.key; });
  for (const auto* service : services) add_pool_problems(record, *service, out);
  return out;
}

Diagnostics diagnose(const State& state, const NodeRecord& record) {
  if (record.object == nullptr) return {};
  Diagnostics out = validate(*record.object);
  for (const auto& [vip, held] : record.held) {
    if (held.released) continue;
    for (const auto* director : waiting_for(held, state.nodes())) {
      if (!director->unreachable && director->report != nullptr) continue;
      out.push_back(make(Kind::kNode, record.object->meta, Severity::kWarning, "BackendHeld", "",
                         "keeps " + vip.to_string() +
                             " although no VirtualService needs it here "
                             "any more, because the agent of director " +
                             director->name +
                             " does not answer and may still send connections; start the agent, or "
                             "delete the Node " +
                             director->name));
    }
  }
  return out;
}

}  // namespace lvs::planning
