// Reads the whole kernel for a person who asks (GET /v1/state), a slice at a time, and compares it
// with the plan. Changes nothing.
//
// Threads: the agent loop only.
#pragma once

#include <vector>

#include "agent/director.h"
#include "agent/kernel/kernel.h"
#include "agent/messages.h"
#include "core/drain.h"
#include "core/plan.h"
#include "core/realise.h"

namespace lvs {

class StateWalk {
 public:
  explicit StateWalk(Kernel& kernel) : kernel_(kernel) {}

  // Those who ask while a walk is under way get its result.
  void add(StateRequested request) { requests_.push_back(std::move(request)); }
  [[nodiscard]] bool is_due() const { return !requests_.empty(); }

  struct Context {
    const NodePlan* plan = nullptr;  // null: none is stored
    const NodeStatus& status;
    const DrainLedger& drains;
    const OffLinkServers& off_link;
    const std::map<ServiceKey, PoolHealth>& health;
    const std::set<ServiceKey>& held;
    const ChangeSet& network_pending;
    const Director& director;
    TimePoint now;
  };
  void work(const Context& context);

 private:
  Result<void> begin();
  void finish(const Context& context);
  void fail_all(const Error& error);

  Kernel& kernel_;
  std::vector<StateRequested> requests_;
  bool reading_ = false;
  std::vector<ObservedService> services_;
  std::size_t next_ = 0;
};

}  // namespace lvs
