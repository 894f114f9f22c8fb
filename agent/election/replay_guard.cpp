#include "agent/election/replay_guard.h"

#include <algorithm>
#include <random>
#include <utility>

namespace lvs {
namespace {

constexpr Duration kFresh{2'000};
constexpr std::size_t kEndedBoots = 16;
// 16 pages are sent at once at most when 1,000 VIPs change.
constexpr std::uint64_t kSecondPathBehind = 32;

}  // namespace

std::uint64_t make_boot() {
  std::random_device random;
  const std::uint64_t high = random();
  const std::uint64_t boot = high << 32 | random();
  return boot != 0 ? boot : 1;
}

ReplayGuard::Verdict ReplayGuard::judge(const Heartbeat& heartbeat, TimePoint now) {
  Sender& sender = senders_[heartbeat.node];
  const std::uint64_t echoed = echo_in(heartbeat);
  if (sender.known && heartbeat.boot == sender.boot) {
    if (heartbeat.sequence <= sender.sequence) {
      const bool recent = sender.sequence - heartbeat.sequence < kSecondPathBehind;
      return recent ? Verdict::kRepeated : Verdict::kReplayed;
    }
    sender.sequence = heartbeat.sequence;
    sender.echoed = std::max(sender.echoed, echoed);
    return Verdict::kLiving;
  }
  const auto& ended = sender.ended_boots;
  if (std::find(ended.begin(), ended.end(), heartbeat.boot) != ended.end()) {
    return Verdict::kReplayed;
  }
  if (echoed <= sender.echoed || !is_fresh(echoed, now)) {
    sender.challenged_boot = heartbeat.boot;
    sender.challenged_sequence = heartbeat.sequence;
    sender.challenged_at = now;
    return Verdict::kUnproven;
  }
  if (sender.known) sender.ended_boots.push_back(sender.boot);
  if (sender.ended_boots.size() > kEndedBoots) sender.ended_boots.pop_front();
  sender.known = true;
  sender.boot = heartbeat.boot;
  sender.sequence = heartbeat.sequence;
  sender.echoed = echoed;
  sender.challenged_boot = 0;
  return Verdict::kLiving;
}

void ReplayGuard::add_challenges(Heartbeat& ours, TimePoint now) {
  if (ours.boot != own_boot_) sent_.clear();
  own_boot_ = ours.boot;
  forget_sent(now);
  sent_.push_back({ours.sequence, now});
  for (const auto& [node, sender] : senders_) {
    if (sender.challenged_boot == 0 || now - sender.challenged_at > kFresh) continue;
    const HeartbeatEcho echo{node, sender.challenged_boot, sender.challenged_sequence,
                             now - sender.challenged_at};
    const auto there = std::find_if(ours.echoes.begin(), ours.echoes.end(),
                                    [&](const auto& other) { return other.node == echo.node; });
    if (there != ours.echoes.end()) {
      *there = echo;
    } else {
      ours.echoes.push_back(echo);
    }
  }
}

void ReplayGuard::keep(const std::function<bool(const std::string&)>& is_peer) {
  std::erase_if(senders_, [&](const auto& entry) { return !is_peer(entry.first); });
}

void ReplayGuard::forget_sent(TimePoint now) {
  while (!sent_.empty() && now - sent_.front().at > kFresh) sent_.pop_front();
}

// 0: none of ours.
std::uint64_t ReplayGuard::echo_in(const Heartbeat& heartbeat) const {
  for (const HeartbeatEcho& echo : heartbeat.echoes) {
    const bool possible = !sent_.empty() && echo.sequence <= sent_.back().sequence;
    if (echo.node == self_ && echo.boot == own_boot_ && possible) return echo.sequence;
  }
  return 0;
}

bool ReplayGuard::is_fresh(std::uint64_t echoed, TimePoint now) {
  forget_sent(now);
  return !sent_.empty() && echoed >= sent_.front().sequence;
}

}  // namespace lvs
