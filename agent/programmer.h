// Brings the kernel's IPVS table in line with the plan, a slice at a time.
//
// A patch costs what it touches: its services are compared with the mirror and written, nothing is
// read. A reconciliation reads service by service. Between slices the loop looks at its mailbox, so
// that a small change waits for one slice at most.
//
// Threads: the agent loop only.
#pragma once

#include <map>
#include <optional>
#include <random>
#include <set>
#include <vector>

#include "agent/deletion_guard.h"
#include "agent/deletion_store.h"
#include "agent/health_desk.h"
#include "agent/kernel/kernel.h"
#include "agent/metrics.h"
#include "agent/mirror.h"
#include "agent/problems.h"
#include "agent/work_queue.h"
#include "base/backoff.h"
#include "core/drain.h"
#include "core/plan.h"
#include "core/realise.h"

namespace lvs {

// What a new plan or a patch means for the services.
struct ServiceChange {
  std::set<ServiceKey> touched;
  // Who asked for the services that the plan does not hold any more.
  ServiceOwners removed;
  // A patch goes before everything else.
  bool urgent = false;
};

class Programmer {
 public:
  // `state_folder` must exist.
  Programmer(Kernel& kernel, const HealthDesk& health, Problems& problems, AgentMetrics& metrics,
             const std::string& state_folder)
      : kernel_(kernel),
        health_(health),
        problems_(problems),
        metrics_(metrics),
        deletion_store_(state_folder) {}

  // What an agent before this one held back stays held.
  void load_deletions();

  void plan_changed(const NodePlan& plan, const ServiceChange& change);
  // Read everything again and put right what differs.
  void check_everything();
  void check_drains(const NodePlan& plan);
  // The services of a plan that was stored before: who is drained in them.
  void plan_loaded(const NodePlan& plan);
  // The network's own look has found these.
  void servers_off_link(const NodePlan& plan, OffLinkServers servers);
  // What is known of its servers has changed: before everything else.
  void health_changed(const ServiceKey& key) { queue_.push_urgent(key, Look{true, false}); }

  // Reads the services where that is due and judges mass deletions. False: the kernel's services
  // are not known, and nothing may be changed because of them.
  bool prepare(const NodePlan& plan, TimePoint now);
  [[nodiscard]] bool knows_services() const { return services_known_; }
  // One slice of work. False: there is nothing to do now (but maybe later, see next_retry()).
  bool work(const NodePlan& plan, TimePoint now);
  [[nodiscard]] std::optional<TimePoint> next_retry() const;

  // Every change of the plan was tried (what was refused is among the problems).
  [[nodiscard]] bool is_settled() const;
  [[nodiscard]] bool has_work() const { return services_unread_ || !queue_.empty(); }
  // The kernel has a service of this address that takes clients, whatever is still to be done to it.
  [[nodiscard]] bool serves(const IpAddress& vip) const {
    return services_known_ && mirror_.has_service_of(vip);
  }
  // The services of this address stand: the VIP may come.
  [[nodiscard]] bool stands(const IpAddress& vip, const NodePlan& plan) const;

  [[nodiscard]] const Mirror& mirror() const { return mirror_; }
  // Something drains, by wish or because it has left the plan.
  [[nodiscard]] bool is_draining() const { return !drains_.empty() || !drained_.empty(); }
  // Services of the plan with a server that is drained by wish.
  [[nodiscard]] const std::set<ServiceKey>& drained() const { return drained_; }
  [[nodiscard]] const DrainLedger& drains() const { return drains_; }
  [[nodiscard]] const OffLinkServers& off_link() const { return off_link_; }
  [[nodiscard]] const std::set<ServiceKey>& held() const { return held_; }
  // Services of this address are kept although the plan does not hold them.
  [[nodiscard]] bool holds_back(const IpAddress& vip) const;
  // Services that the kernel still has although the plan has not: held back, or not to be deleted.
  [[nodiscard]] std::set<ServiceKey> leftovers(const NodePlan& plan) const;
  // Services of these addresses are left alone although the plan does not hold them.
  void keep_services_of(const std::set<IpAddress>& vips);
  // Operations that the kernel accepted since the agent started.
  [[nodiscard]] std::size_t writes() const { return writes_; }

 private:
  void note_drained(const NodePlan& plan, const std::set<ServiceKey>& touched);

  struct Segment {
    ServiceKey key;
    std::size_t end = 0;    // into the slice's operations
    bool last = true;       // the service has no remainder
    bool failed = false;    // already in an earlier slice
    std::size_t drift = 0;  // operations that repair what nobody was told to change
  };
  struct Slice {
    ChangeSet operations;
    std::vector<Segment> segments;
    std::size_t reads = 0;
  };
  struct Retry {
    Backoff backoff{BackoffPolicy{}};
    std::optional<TimePoint> at;  // nothing: it is in the queue
    int stale = 0;                // times in a row that the picture was wrong
  };
  // The worst that happened to a service in a slice.
  struct Outcome {
    bool stale = false;
    bool lost_service = false;  // it could not even be made: the rest is pointless
    std::optional<ProblemReport> problem;
  };

  void save_deletions();
  bool read_services(const NodePlan& plan, TimePoint now);
  void hold_mass_deletions(const NodePlan& plan);
  void wake_retries(TimePoint now);
  [[nodiscard]] bool is_ours(const NodePlan& plan, const ServiceKey& key) const;

  void fill(Slice& slice, const NodePlan& plan, TimePoint now);
  void fill_from(bool urgent, Slice& slice, const NodePlan& plan, TimePoint now);
  void add(Slice& slice, bool urgent, Remainder remainder);
  // Nothing: the destinations could not be read.
  std::optional<ChangeSet> changes_of(const QueuedWork& work, Slice& slice, const NodePlan& plan,
                                      TimePoint now);
  bool know_destinations(const QueuedWork& work, Slice& slice, TimePoint now);

  void run(Slice& slice, TimePoint now);
  std::vector<Outcome> outcomes(const Slice& slice, const ApplyReport& report) const;
  void believe(const Slice& slice, const ApplyReport& report);
  void note_refused_clients(const Slice& slice, const ApplyReport& report);
  void finish(const Segment& segment, const Outcome& outcome, TimePoint now);
  void refuse(const Segment& segment, const Outcome& outcome, TimePoint now);
  void read_again(const Segment& segment, TimePoint now);
  void settle(const ServiceKey& key);
  void doubt(const Slice& slice, TimePoint now);
  void pause(const std::string& object, const Error& error, TimePoint now);
  double random() { return std::uniform_real_distribution<double>(0.0, 1.0)(engine_); }

  Kernel& kernel_;
  const HealthDesk& health_;
  Problems& problems_;
  AgentMetrics& metrics_;
  Mirror mirror_;
  WorkQueue queue_;
  DrainLedger drains_;
  std::set<ServiceKey> drained_;
  ServiceOwners owners_;
  std::set<ServiceKey> held_;
  DeletionStore deletion_store_;  // of the two
  OffLinkServers off_link_;
  std::set<IpAddress> kept_;
  std::map<ServiceKey, Retry> retries_;
  Backoff kernel_backoff_{BackoffPolicy{}};
  std::optional<TimePoint> paused_until_;
  bool services_unread_ = true;
  bool check_wanted_ = true;
  bool services_known_ = false;
  bool guard_due_ = true;
  bool first_look_ = true;
  std::size_t writes_ = 0;
  std::minstd_rand engine_{std::random_device{}()};
};

}  // namespace lvs
