// The agent: one thread that owns the plan, the picture of the kernel, and every write to it.
// Everything else posts messages into its mailbox.
//
//   turn:  messages, timers, network, one slice of services, state requests, status
//
// Effects on the kernel are in the network namespace of the thread that runs the loop.
#pragma once

#include <optional>
#include <string>

#include "agent/director.h"
#include "agent/drain_mark.h"
#include "agent/messages.h"
#include "agent/network_keeper.h"
#include "agent/pace.h"
#include "agent/path_keeper.h"
#include "agent/plan_desk.h"
#include "agent/state_walk.h"
#include "agent/statistics_walk.h"
#include "agent/status_board.h"
#include "agent/status_builder.h"
#include "agent/sync_keeper.h"
#include "base/mailbox.h"

namespace lvs {

struct AgentOptions {
  AgentIdentity identity;
  std::string state_folder;  // must exist
  std::string run_folder;    // must exist
  Duration reconcile_interval{10'000};
  ElectionConfig election{};
  SyncOptions sync{};
  std::uint32_t probe_marks = kDefaultProbeMarks;
  bool destination_statistics = true;  // else none are read from the kernel for a scrape
};

class AgentLoop {
 public:
  // `announcer` may be null. All must outlive the loop.
  AgentLoop(AgentOptions options, Kernel& kernel, Announcer* announcer, const Clock& clock,
            AgentMetrics& metrics);

  // Any thread.
  void post(AgentMessage message) { mailbox_.post(std::move(message)); }

  // Loads the stored plan; before the first turn. Both may be null and must outlive the last turn.
  void start(ElectionPorts* ports, HealthPort* health);
  // Turns until StopRequested. The kernel goes on serving as it is.
  void run();

  // The pieces of run(), for tests with a clock of their own.
  // True: there may be more to do at once.
  bool turn();
  [[nodiscard]] bool is_stopping() const { return stopping_; }
  [[nodiscard]] Duration until_next_deadline() const;

 private:
  void take_messages();
  void take(AgentMessage& message);
  void handle(PlanArrived& message);
  void handle(PatchArrived& message);
  void handle(StatusPolled& message);
  void handle(StateRequested& message);
  void handle(StatisticsRequested& message);
  void handle(DrainAsked& message);
  void handle(MoveAsked& message);
  void handle(HealthAsked& message);
  void handle(PoolHealthHeard& message);
  void handle(NetworkChanged& message);
  void handle(ElectionHeard& message);
  void handle(StopRequested& message);
  void follow(const PlanOutcome& outcome, TimePoint received);

  void run_timers(TimePoint now);
  void obey_election();
  bool work(TimePoint now);
  void keep_alive(TimePoint now);
  bool walk_state(TimePoint now);
  bool walk_statistics();
  void settle(TimePoint now);
  void count_tables();
  void finish_start();
  void publish_status();
  void count_election(TimePoint now);
  [[nodiscard]] VipGate gate() const;
  [[nodiscard]] bool network_is_wanted(TimePoint now) const;

  AgentOptions options_;
  const Clock& clock_;
  AgentMetrics& metrics_;
  Mailbox<AgentMessage> mailbox_;
  Problems problems_;
  PlanDesk desk_;
  DrainMark drain_mark_;
  HealthDesk health_;
  Programmer programmer_;
  NetworkKeeper network_;
  SyncKeeper sync_;
  PathKeeper paths_;
  Director director_;
  StatusBoard board_;
  StateWalk state_walk_;
  StatisticsWalk statistics_walk_;
  OtherDirectors others_;  // when the network was last looked at because of them
  ContentHash applied_;
  bool following_ = false;  // the kernel does not follow the stored plan yet
  bool started_ = false;    // the first look at the kernel is over
  bool stopping_ = false;
  std::optional<TimePoint> leave_by_;  // asked to stop; the VIPs are being handed over
  struct StatusChanges {
    unsigned long election = 0;
    unsigned long problems = 0;
    bool operator==(const StatusChanges&) const = default;
  };
  StatusChanges published_;
  bool status_stale_ = true;  // something else may have changed
  Pace status_pace_;
  Pace look_pace_;
  bool trim_wanted_ = false;
  bool tables_due_ = true;
  TimePoint plan_arrived_;
  TimePoint next_reconcile_;
  TimePoint next_drain_look_;
  TimePoint next_keep_alive_;
  TimePoint next_count_;
};

}  // namespace lvs
