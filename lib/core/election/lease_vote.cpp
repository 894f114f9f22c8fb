#include "core/election/lease_vote.h"

#include <utility>

namespace lvs {

void LeaseVote::start() {
  state_ = State::kOpen;
  reading_ = false;
  prepared_ = false;
  claimed_term_ = 0;
  not_before_ = {};
}

void LeaseVote::void_grant() {
  if (state_ == State::kGranted || state_ == State::kSilent) state_ = State::kOpen;
  reading_ = false;
}

void LeaseVote::expect_answer(TimePoint now, const ElectionConfig& config) {
  answer_due_ = now + config.api_vote;
}

void LeaseVote::read(const IpAddress& vip, TimePoint now, const ElectionConfig& config,
                     ElectionActions& out) {
  out.push_back(ReadLease{vip});
  reading_ = true;
  expect_answer(now, config);
}

void LeaseVote::prepare(const IpAddress& vip, TimePoint now, const ElectionConfig& config,
                        ElectionActions& out) {
  if (std::exchange(prepared_, true) || state_ != State::kOpen) return;
  read(vip, now, config, out);
}

TimePoint LeaseVote::pursue(const IpAddress& vip, std::uint64_t term, TimePoint now,
                            const ElectionConfig& config, ElectionActions& out) {
  if (state_ == State::kGranted || state_ == State::kSilent) return TimePoint::max();
  if (now < not_before_) return not_before_;
  if (state_ == State::kOpen && lease_ && !reading_) {
    out.push_back(ClaimLease{vip, lease_->version, term});
    claimed_term_ = term;
    state_ = State::kPending;
    expect_answer(now, config);
  } else if (state_ == State::kOpen && !reading_) {
    read(vip, now, config, out);
  } else if (now >= answer_due_) {
    state_ = State::kSilent;
    return TimePoint::max();
  }
  return answer_due_;
}

void LeaseVote::seen(const LeaseView& lease, bool ours, TimePoint now) {
  lease_ = lease;
  ours_ = ours;
  seen_at_ = now;
  reading_ = false;
  if (ours && claimed_term_ != 0 && lease.term == claimed_term_) {
    state_ = State::kGranted;  // seen before the answer to our claim
  } else if (state_ == State::kSilent || (state_ == State::kGranted && !ours)) {
    state_ = State::kOpen;
  }
}

void LeaseVote::granted(const LeaseView& lease, TimePoint now) {
  lease_ = lease;
  ours_ = true;
  seen_at_ = now;
  reading_ = false;
  if (claimed_term_ != 0 && lease.term == claimed_term_) state_ = State::kGranted;
}

void LeaseVote::refused(TimePoint now, const ElectionConfig& config) {
  state_ = State::kOpen;
  reading_ = false;
  claimed_term_ = 0;
  not_before_ = now + config.grant_grace;
}

}  // namespace lvs
