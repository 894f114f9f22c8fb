// Keeps addresses and ARP settings as the plan and the roles want them.
//
// Director: a VIP comes and is refreshed by order of the election only (obey()); whatever the roles
// do not hold is taken off at every look. Real server: the old ARP settings are stored, the new
// ones written and read back, then the VIP comes; on removal the VIP goes first. Where a setting
// cannot be written, only the VIPs that need it wait.
//
// It also looks whether the real servers of direct routing are on link.
//
// Threads: the agent loop only.
#pragma once

#include <functional>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "agent/arp_store.h"
#include "agent/kernel/kernel.h"
#include "agent/metrics.h"
#include "agent/problems.h"
#include "base/backoff.h"
#include "core/election/event.h"
#include "core/realise.h"

namespace lvs {

// What the IPVS side says about a VIP.
struct VipGate {
  std::function<bool(const IpAddress&)> stands;     // its services are as planned
  std::function<bool(const IpAddress&)> serves;     // a service of it is there, planned or not
  std::function<bool(const IpAddress&)> held_back;  // its deletion is held back
  // By the director's word: it is being handed over, and goes by order of the election.
  std::function<bool(const IpAddress&)> leaving = [](const IpAddress&) { return false; };
};

// What the election wants of the kernel.
struct HoldOrder {
  IpAddress vip;
  std::string interface;
  std::uint32_t valid_seconds = 0;  // 0: for ever
  TimePoint not_after;              // later it must not be put on: somebody else may have it
  Duration hold_resets{0};          // if it is not on yet
};
struct ReleaseOrder {
  IpAddress vip;
};
struct VipOrders {
  std::vector<HoldOrder> hold;
  std::vector<ReleaseOrder> release;
  [[nodiscard]] bool empty() const { return hold.empty() && release.empty(); }
  [[nodiscard]] std::set<IpAddress> released() const {
    std::set<IpAddress> vips;
    for (const ReleaseOrder& order : release) vips.insert(order.vip);
    return vips;
  }
};

// Called between the reading of the network and what follows from it.
struct ElectionSays {
  Roles roles;
  OtherDirectors others;
};
using RolesAfterLook = std::function<ElectionSays(const ObservedNetwork&)>;

class NetworkKeeper {
 public:
  NetworkKeeper(Kernel& kernel, const std::string& run_folder, Problems& problems,
                AgentMetrics& metrics)
      : kernel_(kernel), store_(run_folder), problems_(problems), metrics_(metrics) {}

  // Reads the stored ARP settings.
  void start();
  void look_again() { due_ = true; }
  // Something is to be done now.
  [[nodiscard]] bool is_due(TimePoint now) const {
    return due_ || (retry_at_ && now >= *retry_at_);
  }
  // `waiting`: VIPs whose services do not stand, for the report.
  void work(const NodePlan& plan, const RolesAfterLook& roles, const std::set<IpAddress>& waiting,
            const VipGate& gate, TimePoint now);
  // At once; the clock is looked at immediately before the write. What the election is to be told.
  std::vector<ElectionEvent> obey(const VipOrders& orders, const Clock& clock);
  // Nobody elects: uplink addresses of ours that are `forgotten` and whose lifetime is running live
  // for another `lifetime`. While they answer, no other director takes them.
  void keep_alive(Duration lifetime, const Clock& clock,
                  const std::function<bool(const IpAddress&)>& forgotten);
  // Takes off everything that is ours; at uninstall.
  Result<void> remove_everything();

  [[nodiscard]] std::optional<TimePoint> next_deadline() const { return retry_at_; }
  // The last pass found or made everything as wanted, as far as the gate let it.
  [[nodiscard]] bool is_settled() const { return !due_ && settled_; }
  [[nodiscard]] const ObservedNetwork& observed() const { return observed_; }
  [[nodiscard]] const OffLinkServers& off_link() const { return off_link_; }
  [[nodiscard]] const SavedArpValues& saved() const { return saved_; }
  [[nodiscard]] const std::vector<VipReport>& vips() const { return vips_; }
  [[nodiscard]] const std::vector<BackendReport>& backends() const { return backends_; }
  [[nodiscard]] std::size_t writes() const { return writes_; }

 private:
  bool read(TimePoint now);
  void look_for_servers(const NodePlan& plan);
  Result<void> silence(const RealisedNetwork& wanted);
  void hold_back(DesiredNetwork& desired, const NodePlan& plan) const;
  Result<void> change(const DesiredNetwork& desired, const VipGate& gate);
  Result<void> remember(const SavedArpValues& saved);
  Result<void> apply(const ChangeSet& operations);
  void take_in(const ChangeSet& operations, const ApplyReport& report,
               std::vector<ElectionEvent>& events);
  // The picture of the kernel follows what was just done; no lifetime: it is off.
  void note(const IpAddress& address, const std::string& interface,
            std::optional<std::uint32_t> valid_seconds);
  void fall_back(const IpAddress& vip, ChangeSet& operations) const;
  // Somebody was faster: what we wanted is so.
  static bool is_as_wanted(const Operation& operation, int error_number);
  void fail_until_later(const Error& error, TimePoint now);
  [[nodiscard]] bool is_present(const IpAddress& address, const std::string& interface) const;
  [[nodiscard]] bool is_there_for_ever(const HoldOrder& order) const;

  Kernel& kernel_;
  ArpStore store_;
  Problems& problems_;
  AgentMetrics& metrics_;
  ObservedNetwork observed_;
  OffLinkServers off_link_;
  SavedArpValues saved_;
  // VIPs that this node serves as a real server, too, when it lets go of them.
  std::set<IpAddress> fall_back_;
  std::vector<VipReport> vips_;
  std::vector<BackendReport> backends_;
  std::vector<ProblemReport> failures_;  // of the present pass
  Backoff backoff_{BackoffPolicy{}};
  std::optional<TimePoint> retry_at_;
  bool due_ = true;
  bool settled_ = false;
  std::size_t writes_ = 0;
  std::minstd_rand engine_{std::random_device{}()};
};

}  // namespace lvs
