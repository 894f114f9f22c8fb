// An explanation as the API server has it: what the operator wrote into the objects' status.
#include <algorithm>

#include "cli/explain.h"
#include "cli/table.h"

namespace lvs::cli {
namespace {

std::string holder_of(const ClusterObjects& objects, const ObjectKey& service) {
  const auto status = objects.virtual_services.find(service);
  return status == objects.virtual_services.end() ? "" : status->second.holder_text;
}

ExplainedService service_of(const ClusterObjects& objects, const RealServer& server,
                            const ServedService& served) {
  const ObjectKey key{server.meta.key.ns, served.virtual_service};
  ExplainedService service{
      std::string(to_string(served.protocol)) + " port " + std::to_string(served.port),
      to_string(key),
      {}};
  const std::string holder = holder_of(objects, key);
  if (holder.empty()) return service;
  ServerOnDirector row;
  row.director = holder;
  row.role = "holder";
  row.wanted = server.spec.weight;
  row.kernel = served.weight;
  row.state = served.state;
  service.directors.push_back(std::move(row));
  return service;
}

std::optional<bool> goodness_of(const Condition& condition) {
  if (condition.status == "Unknown") return std::nullopt;
  return condition.status == "True";
}

// Messages of conditions say what to do.
ServerCheck check_of(const Condition& condition) {
  const auto good = goodness_of(condition);
  return {condition.type, good, condition.reason + ": " + condition.message,
          good == true ? "" : condition.message};
}

void add_spec(const RealServerSpec& spec, std::vector<ServerCheck>& checks) {
  checks.push_back({"not drained", !spec.drain,
                    spec.drain ? "spec.drain is true" : "spec.drain is false",
                    spec.drain ? "set spec.drain to false" : ""});
  checks.push_back({"weight", spec.weight > 0, "spec.weight is " + std::to_string(spec.weight),
                    spec.weight > 0 ? "" : "set spec.weight to more than 0"});
}

void add_services(const ClusterObjects& objects, const RealServer& server,
                  const RealServerStatus& status, Explanation& out) {
  std::vector<std::string> nobody;
  for (const auto& served : status.services) {
    out.services.push_back(service_of(objects, server, served));
    if (out.services.back().directors.empty()) {
      nobody.push_back(out.services.back().virtual_service);
    }
  }
  if (status.services.empty()) {
    out.checks.push_back(
        {"selected", false, "no accepted VirtualService selects its labels",
         "correct its labels or spec.realServerSelector, and see `kubectl get lvsvs`"});
  } else if (!nobody.empty()) {
    out.checks.push_back({"holder", false, "nobody holds the VIP of " + join(nobody),
                          "see `kubectl describe lvsvs`: why no director holds the VIP"});
  }
}

}  // namespace

Result<Explanation> explain_from_objects(const ClusterObjects& objects, const std::string& name) {
  const auto choice = choose_server(objects.snapshot, name);
  if (!choice) return tl::unexpected(choice.error());
  const RealServer& server = *objects.snapshot.real_servers.at(*choice->key);
  const RealServerStatus& status = objects.real_servers.at(*choice->key);
  Explanation out;
  out.name = to_string(*choice->key);
  out.node = choice->node;
  for (const auto& address : choice->addresses) out.addresses.push_back(address.to_string());
  if (out.addresses.empty() && !status.address_text.empty()) {
    out.addresses.push_back(status.address_text);
  }
  if (status.conditions.empty()) {
    out.checks.push_back(
        {"operator", false, "it has not looked at the RealServer yet", "is the operator running?"});
    return out;
  }
  if (status.observed_generation < server.meta.generation) {
    out.checks.push_back({"operator", std::nullopt, "it has not looked at the newest version yet",
                          "ask again; is the operator running?"});
  }
  add_spec(server.spec, out.checks);
  if (auto check = check_forced(objects.snapshot, *choice->key)) out.checks.push_back(*check);
  add_services(objects, server, status, out);
  for (const auto& condition : status.conditions) out.checks.push_back(check_of(condition));
  return out;
}

}  // namespace lvs::cli
