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
  // True: push_errors() says something else of the node now.
  bool pushed(const PushDone& done, TimePoint now, double random);
  // What agents that answer do not store, and why, by node; until a push succeeds.
  [[nodiscard]] const std::map<std::string, Error>& push_errors() const { return push_errors_; }

  // Every agent has answered or failed to at least once.
  [[nodiscard]] bool all_heard() const;

  // Sends what can be sent now. An agent whose report has not come is sent nothing: the plan does
  // not know yet what its node has, and would take away what must stay.
  void send(const std::map<std::string, HashedPlan>& plans, TimePoint now);
  // When to call send() again at the latest.
  [[nodiscard]] std::optional<TimePoint> wake_at(
      const std::map<std::string, HashedPlan>& plans) const;

 private:
  struct Member {
    std::unique_ptr<AgentLink> link;
    NodeSession session;
    std::optional<bool> reachable;
    bool heard = false;  // a report has come over this link, and so the planner knows it
    std::string said;    // the last trouble that was logged
  };
  // Null: nothing is to be sent there.
  [[nodiscard]] const HashedPlan* plan_to_push(
      const std::string& node, const Member& member,
      const std::map<std::string, HashedPlan>& plans) const;
  bool keep_error(const std::string& node, const std::optional<Error>& error);
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
  std::map<std::string, Error> push_errors_;
};

}  // namespace lvs
