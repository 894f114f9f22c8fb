// What is known of a VIP's Lease, and the campaign for its vote.
//
//   open --claim--> pending --granted--> granted
//     ^               |  `--150 ms-----> silent: no vote, order decides
//     `--refused------'
#pragma once

#include <optional>

#include "core/election/action.h"
#include "core/election/config.h"
#include "core/election/event.h"

namespace lvs {

class LeaseVote {
 public:
  enum class State : std::uint8_t { kOpen, kPending, kGranted, kSilent };

  // A new campaign: no grant from before counts.
  void start();
  // While the wire is being asked: the Lease as it is now, so that the claim meets no conflict and
  // the outage has one round trip less.
  void prepare(const IpAddress& vip, TimePoint now, const ElectionConfig& config,
               ElectionActions& out);
  // The next step towards a vote for `term`. Answers when to come again.
  TimePoint pursue(const IpAddress& vip, std::uint64_t term, TimePoint now,
                   const ElectionConfig& config, ElectionActions& out);
  // The vote that a campaign has is void: the wire spoke against it.
  void void_grant();

  void seen(const LeaseView& lease, bool ours, TimePoint now);
  void granted(const LeaseView& lease, TimePoint now);
  // Somebody else was granted: he has his time to take the VIP.
  void refused(TimePoint now, const ElectionConfig& config);

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] const std::optional<LeaseView>& lease() const { return lease_; }
  [[nodiscard]] bool ours() const { return ours_; }
  [[nodiscard]] TimePoint seen_at() const { return seen_at_; }
  // With which term the campaign claimed.
  [[nodiscard]] std::uint64_t claimed_term() const { return claimed_term_; }

 private:
  friend class Fingerprint;
  void read(const IpAddress& vip, TimePoint now, const ElectionConfig& config,
            ElectionActions& out);
  void expect_answer(TimePoint now, const ElectionConfig& config);

  std::optional<LeaseView> lease_;
  bool ours_ = false;  // it names this node
  TimePoint seen_at_;
  State state_ = State::kOpen;
  bool reading_ = false;
  bool prepared_ = false;
  std::uint64_t claimed_term_ = 0;
  TimePoint answer_due_;
  TimePoint not_before_;  // somebody else was granted: his turn
};

}  // namespace lvs
