// What the election says to others and asks them. Answers come back to the loop as ElectionHeard;
// none of the calls waits.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "agent/election/heartbeat_port.h"
#include "core/election/action.h"
#include "core/observed.h"
#include "core/plan.h"

namespace lvs {

// Where a VIP is or would be, and which address of this node asks for it there.
struct VipPlace {
  ObservedLink link;
  std::optional<IpAddress> asks_from;

  bool operator==(const VipPlace&) const = default;
};

class ElectionPorts {
 public:
  virtual ~ElectionPorts() = default;
  // False: there is no key for heartbeats. Then nobody may be replaced, for nobody would be heard.
  [[nodiscard]] virtual bool hears_others() const = 0;
  // The other directors.
  virtual void set_peers(const std::map<std::string, PlannedDirector>& peers) = 0;
  // The addresses that other machines may answer for or announce, and where: VIPs, and the
  // directors' own.
  virtual void watch(const std::map<IpAddress, VipPlace>& addresses) = 0;
  virtual void send(const Heartbeat& heartbeat) = 0;
  // False: it could not be sent.
  virtual bool ask(const IpAddress& address) = 0;
  virtual void read_lease(const IpAddress& vip) = 0;
  virtual void claim_lease(const ClaimLease& claim) = 0;
  virtual void renew_director_lease() = 0;
  // Since the agent started.
  [[nodiscard]] virtual HeartbeatStats heartbeat_stats() const = 0;
};

}  // namespace lvs
