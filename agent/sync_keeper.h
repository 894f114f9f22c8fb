// Keeps the kernel's sync daemons and the IPVS settings that belong to them as the plan wants.
//
// Daemons that somebody else has started run on; old values of settings are stored before they are
// changed, and put back when the plan has no use for ours any more.
//
// Threads: the agent loop only.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/kernel/kernel.h"
#include "agent/metrics.h"
#include "agent/problems.h"
#include "agent/sync_store.h"
#include "core/realise.h"

namespace lvs {

class SyncKeeper {
 public:
  SyncKeeper(Kernel& kernel, SyncOptions options, const std::string& run_folder, Problems& problems,
             AgentMetrics& metrics)
      : kernel_(kernel),
        options_(std::move(options)),
        store_(run_folder),
        problems_(problems),
        metrics_(metrics) {}

  // Reads what was stored.
  void start(TimePoint now);
  // After every look at the network, which `network` is. What fails is tried at the next one.
  void work(const NodePlan& plan, const ObservedNetwork& network, TimePoint now);
  // VIPs have left this node: whoever has them now hears of their youngest connections.
  void tell_connections(const std::set<IpAddress>& vips);
  // Stops our daemons and puts the old settings back; at uninstall.
  Result<void> remove_everything();

  // Since when the table of connections is kept in step with the other directors'; since the start
  // where it cannot be or need not be. Nothing: it should be and is not.
  [[nodiscard]] std::optional<TimePoint> kept_since() const { return kept_since_; }
  // What could not be done.
  [[nodiscard]] const ChangeSet& pending() const { return pending_; }
  [[nodiscard]] std::size_t writes() const { return writes_; }

 private:
  Result<void> change(const DesiredSync& desired, std::vector<ProblemReport>& problems);
  Result<void> remember(const StoredSync& stored);
  void apply(const ChangeSet& operations, std::vector<ProblemReport>& problems);
  void measure(const DesiredSync& desired, bool hears, bool ran, TimePoint now);
  [[nodiscard]] bool runs(const DesiredSync& desired) const;

  Kernel& kernel_;
  SyncOptions options_;
  SyncStore store_;
  Problems& problems_;
  AgentMetrics& metrics_;
  StoredSync stored_;
  ObservedSync observed_;
  ChangeSet pending_;
  TimePoint started_;
  std::optional<TimePoint> kept_since_;
  std::size_t writes_ = 0;
};

}  // namespace lvs
