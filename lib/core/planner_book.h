// The plans of all nodes and what an update changed in them. Internal to the planner.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/planner.h"
#include "core/planner_records.h"

namespace lvs::planning {

// VirtualServices that are gone from a node on purpose (NodePlan::withdrawn).
class WithdrawnServices {
 public:
  // Seen, and then seen gone; the oldest falls out when there are too many.
  void deleted(const ObjectKey& key);
  // It is there again.
  void created(const ObjectKey& key);
  // There still, but not on this node any more, and the other way round.
  void left(const std::string& node, const ObjectKey& key);
  void placed(const std::string& node, const ObjectKey& key);

  // Since the last call.
  [[nodiscard]] bool take_changed() { return std::exchange(changed_, false); }
  [[nodiscard]] std::vector<PlanEdit> edits_for(const NodePlan& plan) const;

 private:
  [[nodiscard]] bool is_withdrawn(const std::string& node, const ObjectKey& key) const;

  bool changed_ = false;
  std::deque<ObjectKey> deleted_in_order_;
  std::set<ObjectKey> deleted_;
  std::map<std::string, std::set<ObjectKey>> elsewhere_;  // by node
};

class PlanBook {
 public:
  explicit PlanBook(PlannerOptions options) : options_(options) {}

  // Both: true when that changed something.
  bool open(const std::string& node);
  bool close(const std::string& node);

  // Nodes without a plan are passed over: their Node object is gone.
  void apply(const std::string& node, const std::vector<PlanEdit>& edits);
  // `edits` lead from `before` to `after` of the service.
  void put_service(const std::string& node, const ServiceKey& key, const ProgrammedService& before,
                   const ProgrammedService& after, const std::vector<PlanEdit>& edits);

  [[nodiscard]] const HashedPlan* find(const std::string& node) const;
  // New in this update: its edits are not wanted.
  [[nodiscard]] bool is_new(const std::string& node) const {
    return delta_.new_nodes.contains(node);
  }
  [[nodiscard]] const std::map<std::string, HashedPlan>& plans() const { return plans_; }

  [[nodiscard]] WithdrawnServices& withdrawn() { return withdrawn_; }

  // What changed since the last call.
  [[nodiscard]] PlanningDelta take_delta();
  [[nodiscard]] PlanningDelta& delta() { return delta_; }

 private:
  void note(const std::string& node, const std::vector<PlanEdit>& edits);

  PlannerOptions options_;
  std::map<std::string, HashedPlan> plans_;
  PlanningDelta delta_;
  WithdrawnServices withdrawn_;
};

// The edits that bring the plans of a VIP's directors in line with its record.
void flush_vip(const IpAddress& address, VipRecord& vip, PlanBook& book);

}  // namespace lvs::planning
