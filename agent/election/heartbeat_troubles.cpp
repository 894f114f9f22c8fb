#include "agent/election/heartbeat_troubles.h"

#include "telemetry/log.h"

namespace lvs {
namespace {

constexpr Duration kBetweenLines{10'000};

bool is_worth_a_line(HeartbeatTrouble trouble) {
  return trouble != HeartbeatTrouble::kUnproven && trouble != HeartbeatTrouble::kRepeated;
}

}  // namespace

const char* to_string(HeartbeatTrouble trouble) {
  switch (trouble) {
    case HeartbeatTrouble::kTooMany:
      return "too_many";
    case HeartbeatTrouble::kMalformed:
      return "malformed";
    case HeartbeatTrouble::kBadKey:
      return "bad_key";
    case HeartbeatTrouble::kBadMac:
      return "bad_mac";
    case HeartbeatTrouble::kUnknownSender:
      return "unknown_sender";
    case HeartbeatTrouble::kReplayed:
      return "replayed";
    case HeartbeatTrouble::kUnproven:
      return "unproven";
    case HeartbeatTrouble::kRepeated:
      return "repeated";
    case HeartbeatTrouble::kNotSent:
      return "not_sent";
  }
  return "";
}

void HeartbeatTroubles::count(HeartbeatTrouble trouble, const IpAddress& other, TimePoint now) {
  Line& line = lines_[static_cast<std::size_t>(trouble)];
  line.total.fetch_add(1, std::memory_order_relaxed);
  line.last = other;
  log_if_due(trouble, now);
}

void HeartbeatTroubles::flush(TimePoint now) {
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    log_if_due(static_cast<HeartbeatTrouble>(i), now);
  }
}

std::uint64_t HeartbeatTroubles::total(HeartbeatTrouble trouble) const {
  return lines_[static_cast<std::size_t>(trouble)].total.load(std::memory_order_relaxed);
}

void HeartbeatTroubles::log_if_due(HeartbeatTrouble trouble, TimePoint now) {
  Line& line = lines_[static_cast<std::size_t>(trouble)];
  if (!is_worth_a_line(trouble)) return;
  if (line.logged_at && now - *line.logged_at < kBetweenLines) return;
  const std::uint64_t total = line.total.load(std::memory_order_relaxed);
  if (total == line.logged) return;
  const bool sending = trouble == HeartbeatTrouble::kNotSent;
  log_warning(sending ? "heartbeats not sent" : "heartbeats ignored",
              {{"reason", to_string(trouble)},
               {"count", total - line.logged},
               {sending ? "last_to" : "last_from", line.last.to_string()}});
  line.logged = total;
  line.logged_at = now;
}

}  // namespace lvs
