// The directors' election of the holder of each VIP, as one node takes part in it: events and time
// in, actions out. docs/election.md has the protocol and its reasons.
//
// Threads: none; one owner. Time: monotonic, given; it may stand still but not go back.
// Cost: an event costs the VIPs that it is about; time costs those that have something to do.
// The caller must
//  - first tell AddressSeen for every planned VIP, then follow roles(): an address from before a
//    restart is adopted, not removed;
//  - hand over all heartbeats that wait in the socket before a Tick;
//  - give a Tick no later than next_deadline(), and go on listening between those that follow each
//    other at once: a node that was not looked after for as long as makes suspect starts to listen
//    anew.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/election.h"
#include "core/election/action.h"
#include "core/election/config.h"
#include "core/election/event.h"
#include "core/election/heartbeat_pages.h"
#include "core/election/peers.h"
#include "core/election/view.h"
#include "core/election/vip_election.h"

namespace lvs {

struct ElectionIdentity {
  std::string node;
  std::uint64_t boot = 0;  // of the agent, not of the machine; must differ from all before
  std::vector<HardwareAddress> hardware;
};

class Election {
 public:
  Election(ElectionConfig config, ElectionIdentity self, TimePoint now);

  [[nodiscard]] ElectionActions handle(const ElectionEvent& event, TimePoint now);
  [[nodiscard]] TimePoint next_deadline() const;

  [[nodiscard]] Roles roles() const;
  [[nodiscard]] VipRole role(const IpAddress& vip) const;
  // After LeaveElection: nothing is under way, and nothing is here that somebody else could take
  // now. What this call's predecessor asked for has to be done first.
  [[nodiscard]] bool may_stop() const;
  [[nodiscard]] std::vector<VipView> vips(TimePoint now) const;
  [[nodiscard]] std::vector<DirectorView> directors() const;
  // As heartbeats and the wire have told; empty: not known.
  [[nodiscard]] std::vector<HardwareAddress> hardware_of(const std::string& node) const;

 private:
  friend class Fingerprint;
  struct Entry {
    VipElection election;
    VipClaim told;
    TimePoint wake = TimePoint::max();
  };
  using Entries = std::map<IpAddress, Entry>;

  void take(const VipsPlanned& event);
  void take(const HeartbeatReceived& event);
  void take(const HardwareLearnt& event);
  void take(const WireAnswered& event);
  void take(const WireAskFailed& event);
  void take(const AnnouncementSeen& event);
  void take(const LeaseSeen& event);
  void take(const LeaseGranted& event);
  void take(const LeaseRefused& event);
  void take(const DirectorLeaseSeen& event);
  void take(const FitnessChanged& event);
  void take(const ConnectionsKept& event);
  void take(const AddressSeen& event);
  void take(const HoldFailed& event);
  void take(const MoveVip& event);
  void take(const DrainNode& event);
  void take(const UndrainNode& event);
  void take(const LeaveElection& event);
  void take(const Tick& event);

  template <typename Change>
  void change(const IpAddress& vip, Change apply);  // and decide it
  void plan_one(const ElectedVip& planned);
  void hear_claims(NodeId peer, const Heartbeat& heartbeat);
  void measure_round_trip(NodeId peer, const Heartbeat& heartbeat);
  void forget_claims(NodeId peer);
  void notice_stall();
  void notice_silence();
  void notice_warmth();
  void set_available();
  void decide(Entries::iterator at);
  void decide_all();
  void decide_due();
  void refresh_all();
  void send_due();
  void send_heartbeat(const std::vector<IpAddress>& vips);
  [[nodiscard]] TimePoint heartbeat_due() const;
  [[nodiscard]] Surroundings surroundings(TimePoint now) const;
  [[nodiscard]] Surroundings surroundings() const { return surroundings(now_); }

  ElectionConfig config_;
  ElectionIdentity self_;
  Peers peers_;
  Entries entries_;
  std::set<std::pair<TimePoint, IpAddress>> wakes_;
  HeartbeatPages pages_;

  TimePoint now_;
  TimePoint listening_since_;
  TimePoint warm_at_;
  bool warm_ = false;
  bool drained_ = false;
  bool leaving_ = false;
  bool refreshing_ = false;

  std::uint64_t sequence_ = 0;
  TimePoint last_heartbeat_;
  std::array<TimePoint, 64> sent_at_{};  // by sequence, for the round trip
  TimePoint next_director_lease_;
  ElectionActions out_;
};

}  // namespace lvs
