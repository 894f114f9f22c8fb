// A cluster to plan for, built object by object: a snapshot and what changed in it since the
// planner last saw it. Header only, so that unit tests and benchmarks of the pure parts can use it.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/planner.h"

namespace lvs::testing {

inline IpAddress ip(const std::string& text) { return IpAddress::parse(text).value(); }

inline VirtualService virtual_service(const std::string& name, const std::string& vip,
                                      std::uint16_t port = 80) {
  VirtualService object;
  object.meta.key = {"shop", name};
  object.spec.vips = {ip(vip)};
  object.spec.ports = {PortSpec{}};
  object.spec.ports[0].port = port;
  object.spec.real_server_selector.match_labels = {{"app", name}};
  return object;
}

inline RealServer real_server(const std::string& name, const std::string& app,
                              const std::string& node, std::uint32_t weight = 1) {
  RealServer object;
  object.meta.key = {"shop", name};
  object.meta.labels = {{"app", app}};
  object.spec.node_name = node;
  object.spec.weight = weight;
  return object;
}

inline Node node(const std::string& name, const std::string& address, bool director = false) {
  Node object;
  object.meta.key = {"", name};
  object.internal_ips = {ip(address)};
  if (director) object.meta.labels = {{kDirectorLabel, "true"}};
  return object;
}

class Cluster {
 public:
  void put(VirtualService object) {
    delta_.virtual_services.insert(object.meta.key);
    store(snapshot_.virtual_services, std::move(object));
  }
  void put(RealServer object) {
    delta_.real_servers.insert(object.meta.key);
    store(snapshot_.real_servers, std::move(object));
  }
  void put(Node object) {
    delta_.nodes.insert(object.meta.key.name);
    store(snapshot_.nodes, std::move(object));
  }
  void put(NodeStatus report) {
    const std::string name = report.node;
    delta_.reports.insert(name);
    snapshot_.reports[name] = std::make_shared<const NodeStatus>(std::move(report));
  }
  void remove_service(const std::string& name) {
    delta_.virtual_services.insert({"shop", name});
    snapshot_.virtual_services.erase({"shop", name});
  }
  void remove_server(const std::string& name) {
    delta_.real_servers.insert({"shop", name});
    snapshot_.real_servers.erase({"shop", name});
  }
  void remove_node(const std::string& name) {
    delta_.nodes.insert(name);
    snapshot_.nodes.erase({"", name});
  }
  void force(const ObjectKey& server, const std::optional<ForcedHealth>& forced) {
    delta_.real_servers.insert(server);
    if (forced) {
      snapshot_.forced[server] = *forced;
    } else {
      snapshot_.forced.erase(server);
    }
  }
  void set_reachable(const std::string& name, bool reachable) {
    delta_.reports.insert(name);
    if (reachable) {
      snapshot_.unreachable.erase(name);
    } else {
      snapshot_.unreachable.insert(name);
    }
  }

  // The agent of the node has done all that its plan says.
  void report_done(const Planner& planner, const std::string& name) {
    NodeStatus report;
    report.node = name;
    if (const auto plan = planner.plans().find(name); plan != planner.plans().end()) {
      report.has_plan = true;
      report.stored_plan = report.applied_plan = plan->second.hash();
      for (const auto& [vip, planned] : plan->second.plan().vips) {
        report.vips.push_back({vip, planned.interface, false, false, 0, "", ""});
      }
      for (const auto& [vip, backend] : plan->second.plan().backends) {
        report.backends.push_back({vip, true, "", "", backend.server_address, backend.forwarding});
      }
    }
    put(std::move(report));
  }

  PlanningDelta plan_with(Planner& planner) {
    return planner.update(snapshot_, std::exchange(delta_, {}));
  }
  [[nodiscard]] const ClusterSnapshot& snapshot() const { return snapshot_; }

 private:
  template <typename Object>
  static void store(Objects<Object>& objects, Object object) {
    ObjectKey key = object.meta.key;
    objects[std::move(key)] = std::make_shared<const Object>(std::move(object));
  }

  ClusterSnapshot snapshot_;
  SnapshotDelta delta_;
};

}  // namespace lvs::testing
