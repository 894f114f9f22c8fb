#include "agent/cleanup.h"

#include "agent/deletion_store.h"
#include "agent/drain_mark.h"
#include "agent/network_keeper.h"
#include "agent/path_keeper.h"
#include "agent/plan_store.h"
#include "agent/sync_keeper.h"
#include "telemetry/log.h"

namespace lvs {
namespace {

Result<std::size_t> delete_services(Kernel& kernel) {
  const auto services = kernel.dump_services();
  if (!services) return tl::unexpected(services.error());
  ChangeSet operations;
  for (const ObservedService& service : *services) {
    if (service.owned) operations.push_back(DeleteService{service.key});
  }
  const ApplyReport report = kernel.apply(operations);
  if (report.in_doubt) {
    return fail(ErrorCode::kUnavailable, "answers of the kernel were lost; run --cleanup again");
  }
  if (!report.failures.empty()) return tl::unexpected(report.failures.front().error);
  return operations.size();
}

}  // namespace

Result<void> clean_up(Kernel& kernel, const std::string& state_folder,
                      const std::string& run_folder, AgentMetrics& metrics) {
  // Without its plan no agent that is started by mistake puts anything back.
  if (auto removed = PlanStore(state_folder).remove(); !removed) return removed;
  if (auto removed = DeletionStore(state_folder).remove(); !removed) return removed;
  // A node that comes back one day takes part.
  if (auto removed = DrainMark(state_folder).set(false); !removed) return removed;
  Problems problems;
  NetworkKeeper network(kernel, run_folder, problems, metrics);
  network.start();
  if (auto done = network.remove_everything(); !done) return done;
  PathKeeper paths(kernel, kDefaultProbeMarks, run_folder, problems, metrics);
  paths.start();
  if (auto done = paths.remove_everything(); !done) return done;
  const auto services = delete_services(kernel);
  if (!services) return tl::unexpected(services.error());
  SyncKeeper sync(kernel, {}, run_folder, problems, metrics);
  sync.start({});
  if (auto done = sync.remove_everything(); !done) return done;
  log_info("cleaned up", {{"services", *services},
                          {"network_changes", network.writes()},
                          {"path_changes", paths.writes()},
                          {"sync_changes", sync.writes()}});
  return {};
}

}  // namespace lvs
