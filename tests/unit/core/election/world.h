// A small world for the election: directors with kernels, a segment, an API server, and everything
// that can go wrong between them, in discrete steps. A value: it can be copied, so that all futures
// of a moment can be walked.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/election/election.h"

namespace lvs::test {

enum class Fault {
  kNone,
  kCrash,             // machine a: agent, kernel and addresses are gone
  kBoot,              // machine a
  kKillAgent,         // a's kernel goes on
  kStartAgent,        //
  kPauseAgent,        // between its decisions and their execution
  kResumeAgent,       //
  kFreeze,            // machine a stands still with its kernel clock, as a virtual machine does
  kThaw,              //
  kLinkDown,          // a's carrier
  kLinkUp,            //
  kIsolate,           // a's link is up, but nobody is reached through it
  kRejoin,            //
  kMuteHeartbeats,    // from a to b
  kUnmuteHeartbeats,  //
  kSplit,             // a and b reach each other neither by heartbeat nor on the wire
  kUnsplit,           //
  kApiDead,           // for a
  kApiSlow,           // for a: slower than the vote is waited for
  kApiBack,           // for a
  kLose,              // what a sends in this step
  kDelay,             // likewise: it comes late, after what was sent later
  kDuplicate,         // likewise: it comes a second time, late
  kLoseAsks,          // a's questions and announcements of this step
  kUnfit,             // a's IPVS is not as planned
  kFit,               //
  kDrain,             // a
  kUndrain,           // a
  kLeave,             // a: SIGTERM, ends when it may
  kMove,              // the holder is asked to hand over to b
  kRemoveAddress,     // somebody takes the address off a's interface
};

struct FaultChoice {
  Fault fault = Fault::kNone;
  int a = 0;
  int b = 0;
};
[[nodiscard]] std::string to_string(const FaultChoice& choice);

struct WorldConfig {
  int nodes = 2;
  Duration step{50};
  ElectionConfig election;
  std::optional<Duration> preempt_after;
  // What an agent that does not read finds later; the rest is dropped.
  std::size_t socket_holds = 8;
  // What a wrapper does to an election, for variants that are broken on purpose: an event that the
  // election shall not see, an action that shall not be done.
  bool (*hides_event)(const ElectionEvent&) = nullptr;
  bool (*changes_action)(ElectionAction&) = nullptr;
};

struct WorldNode {
  std::optional<Election> election;  // empty: no agent
  bool machine = true;
  bool paused = false;
  bool frozen = false;
  bool link = true;
  bool isolated = false;
  bool ipvs = true;
  bool leaving = false;
  bool drained = false;
  enum class Api { kFast, kSlow, kDead } api = Api::kFast;
  std::uint64_t boot = 0;
  Fitness told_fitness = Fitness::kUnknown;
  std::deque<ElectionEvent> inbox;           // what the agent has not looked at yet
  ElectionActions decided;                   // what it has not done yet
  std::map<IpAddress, TimePoint> addresses;  // in the kernel, until
};

struct WorldMessage {
  int from = 0;
  int to = 0;
  TimePoint due;
  Heartbeat heartbeat;
};

struct WorldLease {
  std::string holder;
  std::uint64_t term = 0;
  int version = 0;
};

struct ApiCall {
  int node = 0;
  std::uint64_t boot = 0;
  TimePoint arrives;
  TimePoint answered;
  IpAddress vip;
  std::optional<ClaimLease> claim;
  std::optional<ElectionEvent> first, second;  // the answer
  bool served = false;
};

class World {
 public:
  explicit World(WorldConfig config, std::vector<IpAddress> vips = {default_vip()});
  static IpAddress default_vip();

  // One step of time, with one fault at its worst moment: between decisions and their execution.
  void step(const FaultChoice& choice = {});
  void run(Duration time);
  [[nodiscard]] bool is_possible(const FaultChoice& choice) const;

  [[nodiscard]] TimePoint now() const { return now_; }
  [[nodiscard]] const WorldConfig& config() const { return config_; }
  [[nodiscard]] int count() const { return config_.nodes; }
  [[nodiscard]] const WorldNode& node(int index) const {
    return nodes_[static_cast<std::size_t>(index)];
  }
  [[nodiscard]] const std::vector<WorldMessage>& messages() const { return messages_; }
  [[nodiscard]] const std::vector<ApiCall>& calls() const { return calls_; }
  [[nodiscard]] const std::map<IpAddress, WorldLease>& leases() const { return leases_; }
  [[nodiscard]] const std::vector<std::vector<bool>>& muted() const { return muted_; }
  [[nodiscard]] const std::vector<std::vector<bool>>& split() const { return split_; }
  // Nodes whose kernel would answer for the VIP.
  [[nodiscard]] std::vector<int> holders(const IpAddress& vip = default_vip()) const;
  [[nodiscard]] bool reach(int a, int b) const;  // on the wire
  [[nodiscard]] bool runs(int index) const;      // an agent that is looked after
  [[nodiscard]] bool is_drained(int index) const { return node(index).drained; }
  [[nodiscard]] std::optional<VipView> view(int index, const IpAddress& vip = default_vip()) const;
  [[nodiscard]] std::string describe() const;

  // Facts that tests look at: since the world began.
  std::uint64_t api_writes = 0;
  std::uint64_t asks = 0;
  std::uint64_t announcements = 0;
  std::uint64_t hold_batches = 0;  // addresses that a node puts on or refreshes in one step
  std::vector<ReportNews> news;    // of this step
  std::vector<std::uint64_t> acquired_terms;  // of this step: of who put the address on

  void post(int index, ElectionEvent event);
  static std::string name(int index);
  static HardwareAddress hardware(int index);

 private:
  WorldNode& at(int index) { return nodes_[static_cast<std::size_t>(index)]; }
  void start_agent(int index);
  void learn_hardware(int index);
  void expire_addresses();
  void deliver();
  void serve_api();
  void serve(ApiCall& call);
  void look(int index);
  void tell_fitness(int index);
  void give(int index, const ElectionEvent& event);
  void inject(const FaultChoice& choice);
  void inject_network(const FaultChoice& choice);
  void split_off(int index, bool apart);
  void inject_command(const FaultChoice& choice);
  void execute(int index, const FaultChoice& choice);
  void keep_network(int index);
  void call_api(int index, const IpAddress& vip, std::optional<ClaimLease> claim);
  void perform(int index, const SendHeartbeat& action, const FaultChoice& choice);
  void perform(int index, const AskWire& action, const FaultChoice& choice);
  void perform(int index, const ReadLease& action, const FaultChoice& choice);
  void perform(int index, const ClaimLease& action, const FaultChoice& choice);
  void perform(int index, const RenewDirectorLease& action, const FaultChoice& choice);
  void perform(int index, const HoldAddress& action, const FaultChoice& choice);
  void perform(int index, const ReleaseAddress& action, const FaultChoice& choice);
  void perform(int index, const Announce& action, const FaultChoice& choice);
  void perform(int index, const ReportNews& action, const FaultChoice& choice);

  WorldConfig config_;
  std::vector<IpAddress> vips_;
  TimePoint now_{Duration{1'000'000}};
  std::vector<WorldNode> nodes_;
  std::vector<std::vector<bool>> muted_, split_;
  std::vector<WorldMessage> messages_;
  std::vector<ApiCall> calls_;
  std::map<IpAddress, WorldLease> leases_;
};

}  // namespace lvs::test
