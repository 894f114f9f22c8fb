// The report as the API server has it: what the operator wrote into the objects' status.
#include <algorithm>
#include <set>

#include "cli/planning.h"
#include "cli/status_report.h"
#include "cli/table.h"

namespace lvs::cli {
namespace {

const Condition* find_condition(const std::vector<Condition>& conditions, const std::string& type) {
  const auto found = std::find_if(conditions.begin(), conditions.end(),
                                  [&type](const auto& c) { return c.type == type; });
  return found == conditions.end() ? nullptr : &*found;
}

VipRow vip_row(const VipStatus& vip, const Planner& planner) {
  VipRow row;
  row.address = vip.address.to_string();
  row.term = vip.term;
  row.since = vip.since;
  row.previous = vip.previous_holder;
  row.reason = vip.reason;
  row.candidates = planner.candidates_of(vip.address);
  if (!vip.holder.empty()) row.holders.push_back(vip.holder);
  return row;
}

std::vector<VipRow> vip_rows(const ClusterObjects& objects, const Planner& planner) {
  std::map<IpAddress, VipStatus> vips;
  for (const auto& [key, status] : objects.virtual_services) {
    for (const auto& vip : status.vips) vips[vip.address] = vip;
  }
  std::vector<VipRow> rows;
  rows.reserve(vips.size());
  for (const auto& [address, vip] : vips) rows.push_back(vip_row(vip, planner));
  return rows;
}

ServerRow server_row(const ObjectKey& key, const RealServerStatus& status,
                     const ServedService& served) {
  ServerRow row;
  row.name = key.name;
  row.address = status.address_text;
  row.weight = served.weight;
  row.state = served.state;
  const Condition* prepared = find_condition(status.conditions, "Prepared");
  if (prepared == nullptr) return row;
  row.prepared = prepared->status == "True"    ? "yes"
                 : prepared->status == "False" ? "no"
                                               : "unknown";
  if (prepared->status == "True") return row;
  row.reason = prepared->reason;
  row.message = prepared->message;
  return row;
}

// "TCP 192.0.2.1:80, [2001:db8::1]:80": the status does not tell the VIPs of a service apart.
std::string name_of(const VirtualServiceSpec& spec, const PortSpec& port) {
  std::vector<std::string> addresses;
  for (const auto& vip : spec.vips) addresses.push_back(to_string(DestinationKey{vip, port.port}));
  return std::string(to_string(port.protocol)) + " " + join(addresses);
}

ServiceRow service_row(const ClusterObjects& objects, const VirtualService& service,
                       const PortSpec& port) {
  ServiceRow row;
  row.service = name_of(service.spec, port);
  row.virtual_service = to_string(service.meta.key);
  row.scheduler = service.spec.scheduler.name;
  const auto& status = objects.virtual_services.at(service.meta.key);
  row.seen_on = status.holder_text;
  for (const auto& [key, server] : objects.real_servers) {
    if (key.ns != service.meta.key.ns) continue;
    for (const auto& served : server.services) {
      if (served.virtual_service == service.meta.key.name && served.port == port.port &&
          served.protocol == port.protocol) {
        row.servers.push_back(server_row(key, server, served));
      }
    }
  }
  return row;
}

std::vector<NodeRow> node_rows(const ClusterSnapshot& snapshot) {
  std::set<std::string> carrying;
  for (const auto& [key, server] : snapshot.real_servers) carrying.insert(server->spec.node_name);
  std::vector<NodeRow> rows;
  for (const auto& [key, node] : snapshot.nodes) {
    const bool carries = carrying.contains(key.name);
    if (!node->is_director() && !carries) continue;
    NodeRow row;
    row.node = key.name;
    row.role = !node->is_director() ? "real server"
               : carries            ? "director, real server"
                                    : "director";
    if (node->is_director() && node->is_drained()) row.role += ", drained";
    rows.push_back(std::move(row));
  }
  return rows;
}

template <typename Object, typename Status>
void add_problems(const Objects<Object>& objects, const std::map<ObjectKey, Status>& statuses,
                  std::vector<ProblemRow>& out) {
  for (const auto& [key, object] : objects) {
    const std::string where =
        std::string(to_string(kind_of(Resource(*object)))) + " " + to_string(key);
    const auto& status = statuses.at(key);
    if (status.conditions.empty()) {
      out.push_back({where, "NoStatus", "the operator has not looked at it yet; is it running?"});
    } else if (status.observed_generation < object->meta.generation) {
      out.push_back({where, "Stale", "the operator has not looked at its newest version yet"});
    }
    for (const auto& condition : status.conditions) {
      if (condition.status != "True") {
        out.push_back({where, condition.reason, condition.type + ": " + condition.message});
      }
    }
  }
}

}  // namespace

StatusReport report_from_objects(const ClusterObjects& objects) {
  const Planner planner = plan_as_reported(objects.snapshot);
  StatusReport report;
  report.vips = vip_rows(objects, planner);
  for (const auto& [key, service] : objects.snapshot.virtual_services) {
    for (const auto& port : service->spec.ports) {
      report.services.push_back(service_row(objects, *service, port));
    }
  }
  report.nodes = node_rows(objects.snapshot);
  for (const auto& text : objects.problems) {
    report.problems.push_back({"cluster", "Undecodable", text});
  }
  add_problems(objects.snapshot.virtual_services, objects.virtual_services, report.problems);
  add_problems(objects.snapshot.real_servers, objects.real_servers, report.problems);
  return report;
}

}  // namespace lvs::cli
