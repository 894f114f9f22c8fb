// Looking things up in the agents' answers: who is who, and what is planned where.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/node_answers.h"
#include "core/planner.h"

namespace lvs::cli {

struct ServerIdentity {
  std::string name;  // of the RealServer, else of the node
  std::string node;  // empty: no node, it prepares itself
};

// Refers to `answers`, which must outlive it.
class ClusterIndex {
 public:
  explicit ClusterIndex(const ClusterAnswers& answers);

  // Nothing where no manifests were given.
  [[nodiscard]] const std::optional<Planner>& planner() const { return planner_; }
  [[nodiscard]] const std::map<ServiceKey, std::shared_ptr<const PlannedService>>& planned() const {
    return planned_;
  }
  // The node's answer if it gave one.
  [[nodiscard]] const NodeState* state_of(const std::string& node) const;
  [[nodiscard]] const ObservedService* service_on(const std::string& node,
                                                  const ServiceKey& key) const;
  [[nodiscard]] const VipReport* vip_on(const std::string& node, const IpAddress& vip) const;
  [[nodiscard]] const BackendReport* backend_on(const std::string& node,
                                                const IpAddress& vip) const;

  // Every VIP that is planned or that an agent reports.
  [[nodiscard]] std::set<IpAddress> vips() const;
  [[nodiscard]] std::vector<std::string> candidates_of(const IpAddress& vip) const;
  [[nodiscard]] std::vector<std::string> holders_of(const IpAddress& vip) const;
  // Services that are planned, and those of ours that a kernel has.
  [[nodiscard]] std::set<ServiceKey> services() const;
  // In the namespace of the virtual service.
  [[nodiscard]] std::optional<ServerIdentity> server_at(const IpAddress& address,
                                                        const std::string& ns) const;

 private:
  void index_wanted(const ClusterSnapshot& snapshot);
  void index_server(const ClusterSnapshot& snapshot, const RealServer& server);
  void index_nodes();

  const ClusterAnswers& answers_;
  std::optional<Planner> planner_;
  std::map<ServiceKey, std::shared_ptr<const PlannedService>> planned_;
  std::map<std::string, const NodeAnswer*> by_node_;
  std::map<std::pair<std::string, IpAddress>, ServerIdentity> real_servers_;
  std::map<IpAddress, std::string> node_addresses_;
};

}  // namespace lvs::cli
