// The planner's memory and the steps of an update. Internal to the planner.
//
//   ingest_*    objects into records and indexes; what hangs on them becomes dirty
//   settle_*    claims of the VIPs in question, then candidates: what may be programmed
//   program     dirty VirtualServices: pools, services, backends
//   flush_*     what is different now goes into the plans, as edits
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/planner.h"
#include "core/planner_backends.h"
#include "core/planner_book.h"
#include "core/planner_records.h"
#include "core/planner_selection.h"

namespace lvs::planning {

// Who has an address, so that no VIP may equal it: one of the two.
struct AddressUse {
  const NodeRecord* node = nullptr;
  const ServerRecord* server = nullptr;

  bool operator==(const AddressUse&) const = default;
};

class State {
 public:
  explicit State(PlannerOptions options) : book_(options) {}

  PlanningDelta update(const ClusterSnapshot& snapshot, const SnapshotDelta& delta);

  [[nodiscard]] const PlanBook& book() const { return book_; }
  [[nodiscard]] const std::map<ObjectKey, ServiceRecord>& services() const { return services_; }
  [[nodiscard]] const std::map<ObjectKey, ServerRecord>& servers() const { return servers_; }
  [[nodiscard]] const NodeRecords& nodes() const { return nodes_; }
  [[nodiscard]] const std::map<IpAddress, VipRecord>& vips() const { return vips_; }
  // Null: no machine has the address.
  [[nodiscard]] const AddressUse* user_of(const IpAddress& address) const;

 private:
  // planner_ingest.cpp
  void ingest(const ClusterSnapshot& snapshot, const SnapshotDelta& delta);
  void ingest_everything(const ClusterSnapshot& snapshot);
  void ingest_node(const std::string& name, std::shared_ptr<const Node> object);
  void ingest_report(const std::string& name, std::shared_ptr<const NodeStatus> report,
                     bool unreachable);
  void ingest_server(const ObjectKey& key, std::shared_ptr<const RealServer> object,
                     const std::optional<ForcedHealth>& forced);
  void ingest_service(const ObjectKey& key, std::shared_ptr<const VirtualService> object);
  void detach_server(ServerRecord& record);
  void attach_server(ServerRecord& record);
  void unselect_server(ServerRecord& record);
  void select_server(ServerRecord& record);
  void unselect_service(ServiceRecord& record);
  void select_service(ServiceRecord& record);
  void drop_claims(ServiceRecord& record);
  void make_claims(ServiceRecord& record);
  void use_address(const IpAddress& address, AddressUse use);
  void free_address(const IpAddress& address, AddressUse use);
  void mark_claimants(const IpAddress& vip);
  void note_server(const ServerRecord& record);
  void touch_servers_of(NodeRecord& node);
  NodeRecord& node_record(const std::string& name);
  void mark(ServiceRecord& record);

  // planner_program.cpp
  void settle_nodes();
  void settle_claims();
  [[nodiscard]] std::set<ServiceRecord*, OlderFirst> services_around(
      const std::set<IpAddress>& vips) const;
  void settle_candidates();
  [[nodiscard]] bool may_program(const ServiceRecord& record) const;
  void program_dirty();
  void program(ServiceRecord& record);
  void put_services(ServiceRecord& record, const std::map<IpAddress, Pool>& pools);
  void note_pools(const ServiceRecord& record, const std::map<IpAddress, Pool>& before);
  void flush();
  void flush_directors();
  void forget_the_gone();

  PlanBook book_;
  Backends backends_;
  SelectionIndex selection_;
  std::map<ObjectKey, ServiceRecord> services_;
  std::map<ObjectKey, ServerRecord> servers_;
  NodeRecords nodes_;
  std::map<IpAddress, VipRecord> vips_;
  std::map<std::string, PlannedDirector> directors_;  // as they stand in the plans
  std::unordered_multimap<IpAddress, AddressUse> addresses_;

  // Of the update at work.
  bool everything_ = true;  // the first one: all real servers are noted already
  bool directors_changed_ = false;
  std::set<IpAddress> dirty_claims_;
  std::set<IpAddress> dirty_vips_;
  std::set<NodeRecord*> dirty_nodes_;
  std::vector<ServiceRecord*> dirty_services_;
  std::vector<std::map<ObjectKey, ServiceRecord>::node_type> gone_services_;
  std::vector<std::map<ObjectKey, ServerRecord>::node_type> gone_servers_;
};

}  // namespace lvs::planning
