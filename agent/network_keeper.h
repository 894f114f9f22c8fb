// Keeps addresses and ARP settings as the plan and the roles want them.
//
// Director: a VIP comes when its services stand, and is announced; it goes before they do. Real
// server: the old ARP settings are stored, the new ones written and read back, then the VIP comes;
// on removal the VIP goes first.
//
// Threads: the agent loop only.
#pragma once

#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "agent/announce/announcer.h"
#include "agent/arp_store.h"
#include "agent/kernel/kernel.h"
#include "agent/metrics.h"
#include "agent/problems.h"
#include "base/backoff.h"
#include "core/realise.h"

namespace lvs {

// What the IPVS side says about a VIP.
struct VipGate {
  std::function<bool(const IpAddress&)> stands;     // its services stand
  std::function<bool(const IpAddress&)> held_back;  // its deletion is held back
};

class NetworkKeeper {
 public:
  // `announcer` may be null: nothing is announced.
  NetworkKeeper(Kernel& kernel, Announcer* announcer, const std::string& run_folder,
                Problems& problems, AgentMetrics& metrics)
      : kernel_(kernel),
        announcer_(announcer),
        store_(run_folder),
        problems_(problems),
        metrics_(metrics) {}

  // Reads the stored ARP settings.
  void start();
  void look_again() { due_ = true; }
  // Something is to be done now.
  [[nodiscard]] bool is_due(const VipGate& gate, TimePoint now) const;
  void work(const NodePlan& plan, const Roles& roles, const VipGate& gate, TimePoint now);
  // Sends the announcements whose time has come.
  void announce(TimePoint now);
  // Takes off everything that is ours; at uninstall.
  Result<void> remove_everything();

  [[nodiscard]] std::optional<TimePoint> next_deadline() const;
  // The last pass found or made everything as wanted, as far as the gate let it.
  [[nodiscard]] bool is_settled() const { return !due_ && settled_; }
  [[nodiscard]] const ObservedNetwork& observed() const { return observed_; }
  [[nodiscard]] const SavedArpValues& saved() const { return saved_; }
  [[nodiscard]] const std::vector<VipReport>& vips() const { return vips_; }
  [[nodiscard]] const std::vector<BackendReport>& backends() const { return backends_; }
  [[nodiscard]] std::size_t writes() const { return writes_; }
  // Where the burst of announcements of a VIP stands; for tests and logs.
  [[nodiscard]] std::size_t announcements_due() const { return bursts_.size(); }

 private:
  struct Burst {
    IpAddress address;
    std::string interface;
    int left = 0;
    TimePoint next;
  };

  bool read(TimePoint now);
  Result<void> silence(const RealisedNetwork& wanted);
  void hold_back(DesiredNetwork& desired, const NodePlan& plan, const VipGate& gate);
  Result<void> change(const DesiredNetwork& desired, const VipGate& gate, TimePoint now);
  Result<void> remember(const SavedArpValues& saved);
  Result<void> apply(const ChangeSet& operations);
  void start_burst(const IpAddress& address, const std::string& interface, TimePoint now);
  void announce_after_link_up(const ObservedNetwork& before, TimePoint now);
  void fail_until_later(const Error& error, TimePoint now);
  [[nodiscard]] bool is_present(const IpAddress& address, const std::string& interface) const;

  Kernel& kernel_;
  Announcer* announcer_;
  ArpStore store_;
  Problems& problems_;
  AgentMetrics& metrics_;
  ObservedNetwork observed_;
  SavedArpValues saved_;
  std::vector<VipReport> vips_;
  std::vector<BackendReport> backends_;
  std::vector<ProblemReport> failures_;  // of the present pass
  std::vector<IpAddress> waiting_;       // VIPs that the gate holds back
  std::vector<Burst> bursts_;
  Backoff backoff_{BackoffPolicy{}};
  std::optional<TimePoint> retry_at_;
  bool due_ = true;
  bool settled_ = false;
  std::size_t writes_ = 0;
  std::minstd_rand engine_{std::random_device{}()};
};

}  // namespace lvs
