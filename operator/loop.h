// The operator's loop: one thread that owns what is known of the cluster, the planner and the
// sessions with the agents. Everything reaches it through its mailbox; it never blocks on anything
// else.
//
// Bursts are planned once: whatever is in the mailbox is taken in before the plans are brought up
// to date, and nothing waits for more to come.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/mailbox.h"
#include "operator/cluster_view.h"
#include "operator/diagnostic_log.h"
#include "operator/metrics.h"
#include "operator/pusher/fleet.h"
#include "operator/status/status_book.h"

namespace lvs {

struct LoopOptions {
  FleetOptions fleet;
  bool accept_mass_deletion = false;
  // How long the first plans wait for reports of the agents, which they take into account.
  Duration patience{1'000};
  // Status is built at most this often, after everything that is more urgent.
  Duration status_interval{200};
  // KnownStatuses will come; until then no status is built.
  bool status_is_kept_elsewhere = false;
};

class OperatorLoop {
 public:
  // What is passed must outlive the loop.
  OperatorLoop(LoopOptions options, AgentDialer dialer, StatusSink& status, const Clock& clock,
               OperatorMetrics& metrics);

  // Any thread.
  void post(OperatorEvent event) { mailbox_.post(std::move(event)); }
  [[nodiscard]] PostEvent poster() {
    return [this](OperatorEvent event) { post(std::move(event)); };
  }
  // Ends run() soon; any thread.
  void stop() { mailbox_.post(std::nullopt); }

  // Until stop(); the caller's thread becomes the loop's.
  void run();

 private:
  void take_in(Duration longest);
  [[nodiscard]] Duration time_to_next() const;
  void work();
  void plan();
  [[nodiscard]] bool may_plan();
  [[nodiscard]] StatusSources status_sources() const {
    return {view_.snapshot(), planner_, clock_.wall_now(), fleet_.push_errors()};
  }
  void say_held();

  void on(Listed&& event) { view_.apply(std::move(event)); }
  void on(ListedTogether&& event) { view_.apply(std::move(event)); }
  void on(Put&& event) { view_.apply(std::move(event)); }
  void on(const Deleted& event) { view_.apply(event); }
  void on(Trouble&& event);
  void on(Problems&& event);
  void on(const ReadinessAsked& event);
  void on(AgentReport&& event);
  void on(AgentSilent&& event);
  void on(PushDone&& event);
  void on(KnownStatuses&& event);

  LoopOptions options_;
  const Clock& clock_;
  OperatorMetrics& metrics_;
  Mailbox<std::optional<OperatorEvent>> mailbox_;  // nothing: end
  bool stopping_ = false;
  ClusterView view_;
  Planner planner_;
  bool planned_ = false;
  SnapshotDelta unplanned_;
  std::optional<TimePoint> complete_since_;
  Fleet fleet_;
  DiagnosticLog diagnostics_;
  StatusBook book_;
  bool status_known_;
  std::optional<TimePoint> status_due_;
  std::map<std::string, std::set<std::string>> problems_;
  std::map<std::string, std::string> troubles_;
  std::string said_trouble_;  // of the view
  ClusterView::ObjectIds said_held_;
};

}  // namespace lvs
