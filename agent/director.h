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
#include "agent/election_ports.h"
#include "agent/election_report.h"
#include "agent/network_keeper.h"
#include "agent/term_store.h"
#include "agent/vip_fitness.h"
#include "agent/vip_places.h"
#include "core/election/election.h"

namespace lvs {

struct DirectorOptions {
  ElectionConfig election;
  std::string node;
  std::uint64_t boot = 0;
  std::string run_folder;
};

class Director {
 public:
  // `announcer` may be null: nothing is announced.
  Director(DirectorOptions options, Announcer* announcer, const Clock& clock)
      : options_(std::move(options)),
        announcer_(announcer),
        clock_(clock),
        places_(options_.node),
        terms_(options_.run_folder) {}

  // Once, first. Null: nothing is said, and nobody is heard.
  void connect(ElectionPorts* ports) { ports_ = ports; }

  // The kernel was read: what is on which link, which VIPs may be held. Before the roles are
  // followed.
  void look(const NodePlan& plan, const ObservedNetwork& observed, const VipGate& gate,
            TimePoint now);
  // A VIP that waited can be held now: time to look() again.
  [[nodiscard]] bool is_due(const VipGate& gate, TimePoint now) const {
    return fitness_.is_due(gate, now);
  }
  void hear(const ElectionEvent& event, TimePoint now);
  void tick(TimePoint now);

  // By a person's command on this node; the plan may drain it, too.
  void drain_here(bool drained, TimePoint now);
  [[nodiscard]] bool is_drained() const { return drained_here_ || drained_by_plan_; }
  // kConflict: the VIP is not here in that term. kInvalidArgument: no such candidate.
  Result<void> move(const IpAddress& vip, const PlannedMove& move, TimePoint now);
  // VIPs that have left the plan and are being handed over: their services are still needed.
  [[nodiscard]] const std::set<IpAddress>& leaving() const { return leaving_; }
  // Before the look that follows a new plan: what it may find to be leaving.
  [[nodiscard]] std::set<IpAddress> may_leave(const NodePlan& plan) const;

  // Nothing is elected before the first look.
  [[nodiscard]] bool elects() const { return election_.has_value(); }
  [[nodiscard]] bool looks_after(const IpAddress& vip) const { return planned_.contains(vip); }
  [[nodiscard]] Roles roles() const;
  // After LeaveElection: nothing is here any more that somebody else could take.
  [[nodiscard]] bool may_stop() const { return !election_ || election_->may_stop(); }
  // Addresses to be put on, refreshed or taken off, since the last call.
  [[nodiscard]] VipOrders take_orders();
  [[nodiscard]] std::optional<TimePoint> next_deadline(TimePoint now) const;

  [[nodiscard]] OtherDirectors others() const;
  // VIPs whose services do not stand.
  [[nodiscard]] const std::set<IpAddress>& waiting() const { return fitness_.waiting(); }
  // What people are told; brought up to date at most every quarter of a second, and at each news.
  [[nodiscard]] const ElectionReport& report(TimePoint now);
  [[nodiscard]] const ElectionReport::Moves& moves() const { return report_.moves(); }
  // The other directors as they are heard.
  [[nodiscard]] std::vector<DirectorView> directors() const;
  [[nodiscard]] HeartbeatStats heartbeat_stats() const;

 private:
  void begin(const ObservedNetwork& observed, TimePoint now);
  void keep_plan(const NodePlan& plan, const VipGate& gate);
  [[nodiscard]] PlannedVip electable(PlannedVip vip) const;
  void find_leaving(const std::map<IpAddress, PlannedVip>& planned);
  void tell_duties(const NodePlan& plan, TimePoint now);
  void tell_drain(TimePoint now);
  [[nodiscard]] static std::optional<std::string> to_of(const PlannedMove& move);
  // A director answered for an address of its own: now its hardware is known.
  bool learn_hardware(const IpAddress& address, const HardwareAddress& from, TimePoint now);
  void tell_plan(TimePoint now);
  void tell_addresses(const ObservedNetwork& observed, TimePoint now);
  void tell_fitness(const VipGate& gate, TimePoint now);
  void give(const ElectionEvent& event, TimePoint now);
  void remember_term(const IpAddress& vip, std::uint64_t term);

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
  const Clock& clock_;
  std::optional<Election> election_;
  // As planned, and what is held back or being handed over although the plan has lost it;
  // candidates: those among which the holder is elected.
  std::map<IpAddress, PlannedVip> planned_;
  std::set<IpAddress> leaving_;
  std::map<IpAddress, PlannedMove> moves_tried_;
  bool drained_here_ = false;
  bool drained_by_plan_ = false;
  bool told_drained_ = false;
  std::vector<ElectedVip> told_;
  std::map<std::string, PlannedDirector> peers_;
  VipPlaces places_;
  TermStore terms_;
  VipFitness fitness_;
  ElectionReport report_;
  TimePoint report_due_;
  VipOrders orders_;
};

}  // namespace lvs
