// Keeps the kernel ready for checks that go through a VIP to one real server (core/probe_path.h):
// the services of their marks, and accept_local where answers come in.
//
// The kernel is read for it only while there are such checks, and until it was seen once that it
// holds nothing of an earlier agent.
//
// Threads: the agent loop only.
#pragma once

#include <string>
#include <vector>

#include "agent/kernel/kernel.h"
#include "agent/metrics.h"
#include "agent/path_store.h"
#include "agent/problems.h"

namespace lvs {

class PathKeeper {
 public:
  // `marks`: the topmost byte of our marks.
  PathKeeper(Kernel& kernel, std::uint32_t marks, const std::string& run_folder, Problems& problems,
             AgentMetrics& metrics)
      : kernel_(kernel),
        marks_(marks),
        store_(run_folder),
        problems_(problems),
        metrics_(metrics) {}

  // Reads what was stored.
  void start();
  // After every look at the network, which `network` is. What fails is tried at the next one. True:
  // the paths that are ready have changed.
  bool work(const NodePlan& plan, const ObservedNetwork& network);
  // At uninstall.
  Result<void> remove_everything();

  [[nodiscard]] const ProbePaths& ready() const { return ready_; }
  // What could not be done.
  [[nodiscard]] const ChangeSet& pending() const { return pending_; }
  [[nodiscard]] std::size_t writes() const { return writes_; }

 private:
  Result<void> read();
  Result<void> change(const DesiredPaths& desired, std::vector<ProblemReport>& problems);
  Result<void> remember(const SavedAcceptLocal& saved);
  void apply(const ChangeSet& operations, std::vector<ProblemReport>& problems);

  Kernel& kernel_;
  std::uint32_t marks_;
  PathStore store_;
  Problems& problems_;
  AgentMetrics& metrics_;
  SavedAcceptLocal saved_;
  ObservedPaths observed_;
  ProbePaths ready_;
  ChangeSet pending_;
  bool empty_ = false;  // the kernel holds nothing of ours
  std::size_t writes_ = 0;
};

}  // namespace lvs
