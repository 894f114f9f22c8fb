// Every check of this node: which are due, what they say, and whom it concerns. Pure; the runner
// (agent/health) starts what is due and records what came of it.
//
// Cost: by what is touched, times the logarithm of the number of checks.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "core/health/server_health.h"
#include "core/ipvs.h"

namespace lvs {

struct HealthOpinion {
  HealthState state = HealthState::kUnknown;
  std::string why;

  friend bool operator==(const HealthOpinion&, const HealthOpinion&) = default;
};

// Of the servers of one service, by their addresses; one that is missing is unknown.
using PoolHealth = std::map<IpAddress, HealthOpinion>;

struct DueCheck {
  CheckedServer server;
  TimePoint since;
};

class HealthBoard {
 public:
  // The checks of a service; none: the service is forgotten. A check that nobody had gets its
  // first probe somewhere within one interval from now, so that a new plan is no burst. What is
  // known of a check stays as long as a service has it.
  void watch(const ServiceKey& service, std::set<CheckedServer> servers, TimePoint now);

  // The checks whose time has come, earliest first, at most `most`. Each counts as running until
  // its result is recorded. The next one is due an interval after this one was, or, where that has
  // passed, an interval from now: who is late does not make up for it. In transition it is due a
  // fast interval after this one began.
  [[nodiscard]] std::vector<DueCheck> take_due(TimePoint now, std::size_t most);
  [[nodiscard]] std::optional<TimePoint> next_due() const;

  // The services that the result matters to: its state has changed, or why it is unhealthy. Of a check that nobody has any
  // more, nothing.
  [[nodiscard]] std::vector<ServiceKey> record(const CheckedServer& server,
                                               const ProbeResult& result, TimePoint now);

  // What a server has said on its own address after a check through the VIP failed; it belongs to
  // the reason of the next failure.
  void record_own(const CheckedServer& server, const ProbeResult& result);

  [[nodiscard]] PoolHealth health_of(const ServiceKey& service) const;
  [[nodiscard]] std::size_t size() const { return checks_.size(); }

 private:
  struct Check {
    ServerHealth health;
    std::set<ServiceKey> users;
    TimePoint due;
    TimePoint began;  // the last probe
    bool running = false;
    std::optional<ProbeResult> own;  // what it said on its own address
  };
  using Checks = std::map<CheckedServer, Check>;

  void join(const ServiceKey& service, const CheckedServer& server, TimePoint now);
  void leave(const ServiceKey& service, const CheckedServer& server);

  Checks checks_;
  std::map<ServiceKey, std::set<CheckedServer>> services_;
  // By time, of the checks that are not running.
  std::set<std::pair<TimePoint, const CheckedServer*>> queue_;
};

}  // namespace lvs
