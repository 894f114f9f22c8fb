// This node as a director: the election (core/election) between the plan, the kernel's truth about
// the VIPs, and the other directors.
//
// A VIP comes onto the uplink by an order of the election only, and for a lifetime only, so that an
// agent that is gone is no holder for ever. Where this node is the only candidate, nobody could
// take over, and the VIP is put on for good.
//
// Threads: the agent loop only.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/announce/announcer.h"
#include "agent/network_keeper.h"
#include "core/election/election.h"

namespace lvs {

// Where a VIP is or would be, and which address of this node asks for it there.
struct VipPlace {
  ObservedLink link;
  std::optional<IpAddress> asks_from;

  bool operator==(const VipPlace&) const = default;
};

// What the election says to others. Answers come back to the loop as ElectionHeard; none of the
// calls waits.
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
};

struct DirectorOptions {
  ElectionConfig election;
  std::string node;
  std::uint64_t boot = 0;
};

class Director {
 public:
  // `announcer` may be null: nothing is announced.
  Director(DirectorOptions options, Announcer* announcer)
      : options_(std::move(options)), announcer_(announcer) {}

  // Once, first. Null: nothing is said, and nobody is heard.
  void connect(ElectionPorts* ports) { ports_ = ports; }

  // The kernel was read: what is on which link, which VIPs may be held. Before the roles are
  // followed.
  void look(const NodePlan& plan, const ObservedNetwork& observed, const VipGate& gate,
            TimePoint now);
  // A VIP that waited can be held now: time to look() again.
  [[nodiscard]] bool is_due(const VipGate& gate, TimePoint now) const;
  void hear(const ElectionEvent& event, TimePoint now);
  void tick(TimePoint now);

  [[nodiscard]] Roles roles() const;
  // After LeaveElection: nothing is here any more that somebody else could take.
  [[nodiscard]] bool may_stop() const { return !election_ || election_->may_stop(); }
  // Addresses to be put on, refreshed or taken off, since the last call.
  [[nodiscard]] VipOrders take_orders();
  [[nodiscard]] std::optional<TimePoint> next_deadline() const;

  // VIPs whose services do not stand.
  [[nodiscard]] const std::set<IpAddress>& waiting() const { return waiting_; }

 private:
  struct Place {
    std::string interface;
    std::optional<VipPlace> on;  // nothing: there is no such interface
    bool alone = false;          // this node is the only candidate

    bool operator==(const Place&) const = default;
  };

  void begin(const ObservedNetwork& observed, TimePoint now);
  void keep_plan(const NodePlan& plan, const VipGate& gate);
  [[nodiscard]] std::vector<std::string> electable(const PlannedVip& vip) const;
  [[nodiscard]] std::optional<VipPlace> place_on(const IpAddress& address,
                                                 const std::string& interface,
                                                 const ObservedNetwork& observed) const;
  void watch_wire(const ObservedNetwork& observed);
  void ask_for_peers();
  // A director answered for an address of its own: now its hardware is known.
  bool learn_hardware(const IpAddress& address, const HardwareAddress& from, TimePoint now);
  void find_places(const ObservedNetwork& observed);
  void tell_plan(TimePoint now);
  void tell_addresses(const ObservedNetwork& observed, TimePoint now);
  void hold_off(TimePoint now);
  void tell_fitness(const VipGate& gate, TimePoint now);
  void give(const ElectionEvent& event, TimePoint now);

  void act(const SendHeartbeat& action, TimePoint now);
  void act(const AskWire& action, TimePoint now);
  void act(const ReadLease& action, TimePoint now);
  void act(const ClaimLease& action, TimePoint now);
  void act(const RenewDirectorLease& action, TimePoint now);
  void act(const HoldAddress& action, TimePoint now);
  void act(const ReleaseAddress& action, TimePoint now);
  void act(const Announce& action, TimePoint now);
  void act(const ReportNews& action, TimePoint now);

  DirectorOptions options_;
  ElectionPorts* ports_ = nullptr;
  Announcer* announcer_;
  std::optional<Election> election_;
  // As planned, and what is held back although the plan has lost it.
  std::map<IpAddress, PlannedVip> planned_;
  std::vector<ElectedVip> told_;
  std::map<std::string, PlannedDirector> peers_;
  std::map<IpAddress, Place> places_;
  std::map<IpAddress, VipPlace> watched_;
  std::map<IpAddress, std::string> peer_addresses_;
  std::map<IpAddress, Fitness> fitness_;
  std::set<IpAddress> waiting_;
  // VIPs that are new here are left to those who go before for so long: an order that is written
  // down is kept when all start at once.
  std::map<IpAddress, TimePoint> held_off_until_;
  VipOrders orders_;
};

}  // namespace lvs
