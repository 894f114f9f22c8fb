// All agents: a link to each node's and a session that decides what goes over it. Lives on the
// operator's loop; nothing here blocks.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/planner.h"
#include "operator/metrics.h"
#include "operator/pusher/agent_link.h"
#include "operator/pusher/node_session.h"

namespace lvs {

struct FleetOptions {
  std::uint64_t term = 1;
  bool accept_mass_deletion = false;
  // Push to this node only (every agent is listened to); empty: to all.
  std::string only_node;
  AgentLink::Pace pace;
};

class Fleet {
 public:
  Fleet(FleetOptions options, AgentDialer dialer, PostEvent post, OperatorMetrics& metrics);

  // Links follow the Nodes: made, redialled where the address has changed, ended.
  void follow(const Objects<Node>& nodes, const std::set<std::string>& changed);
  void plans_edited(const PlanningDelta& delta);

  // False: of a link that is no more; to be ignored.
  [[nodiscard]] bool knows(const std::string& node, std::uint64_t link) const;
  void reported(const AgentReport& report, TimePoint now);
  void silent(const AgentSilent& event);
  void pushed(const PushDone& done, TimePoint now, double random);

  // Every agent has answered or failed to at least once.
  [[nodiscard]] bool all_heard() const;

  // Sends what can be sent now.
  void send(const std::map<std::string, HashedPlan>& plans, TimePoint now);
  // When to call send() again at the latest.
  [[nodiscard]] std::optional<TimePoint> wake_at(
      const std::map<std::string, HashedPlan>& plans) const;

 private:
  struct Member {
    std::unique_ptr<AgentLink> link;
    NodeSession session;
    std::optional<bool> reachable;
    std::string said;  // the last trouble that was logged
  };
  [[nodiscard]] const HashedPlan* plan_to_push(
      const std::string& node, const std::map<std::string, HashedPlan>& plans) const;
  void set_reachable(const std::string& node, Member& member, bool reachable);
  void connect(const std::string& node, const AgentAddress& address);
  void say_whether_only_node_is_there(const Objects<Node>& nodes);

  FleetOptions options_;
  AgentDialer dialer_;
  PostEvent post_;
  OperatorMetrics& metrics_;
  std::uint64_t last_link_ = 0;
  bool said_missing_ = false;
  std::map<std::string, Member> members_;
};

}  // namespace lvs
