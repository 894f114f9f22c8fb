#include "agent/segment_watch.h"

#include <utility>

namespace lvs {
namespace {

// Less than between two questions for a VIP; many VIPs are asked for at once.
constexpr Duration kBetween{15};
constexpr Duration kBetweenWhenSilent{250};
// Questions that far apart belong to two inquiries.
constexpr Duration kInquiry{200};
// The question before this one had so long for its answer.
constexpr Duration kPatience{30};
constexpr int kEnough = 3;

}  // namespace

SegmentWatch::Step SegmentWatch::asked(int link, TimePoint now) {
  const auto [at, added] = links_.try_emplace(link);
  Link& segment = at->second;
  const bool begins = added || (!segment.silent && now - segment.last > kInquiry);
  if (!begins && now - segment.last < (segment.silent ? kBetweenWhenSilent : kBetween)) {
    return Step::kNothing;
  }
  if (begins) segment = {};
  if (segment.asks == 0) segment.first = now;
  segment.last = now;
  ++segment.asks;
  return begins ? Step::kBegin : Step::kAsk;
}

void SegmentWatch::has_no_witness(int link) { links_[link].provable = false; }

bool SegmentWatch::heard(int link) {
  const auto at = links_.find(link);
  if (at == links_.end()) return false;
  at->second.asks = 0;
  return std::exchange(at->second.silent, false);
}

bool SegmentWatch::is_silent(int link, TimePoint now) {
  Link& segment = links_[link];
  const bool unanswered = segment.asks >= kEnough && now - segment.first >= kPatience;
  segment.silent = segment.silent || (segment.provable && unanswered);
  return segment.silent;
}

}  // namespace lvs
