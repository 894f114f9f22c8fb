#include "agent/metrics_election.h"

#include <algorithm>
#include <array>

namespace lvs {
namespace {

constexpr std::array kReleasedBy{ElectionNews::kHandedOver, ElectionNews::kGaveWay,
                                 ElectionNews::kLetGo, ElectionNews::kStalled,
                                 ElectionNews::kRetired};

void raise_to(Counter& counter, std::uint64_t total) {
  const double more = static_cast<double>(total) - counter.value();
  if (more > 0) counter.add(more);
}

MetricLabels peer_label(const std::string& node) { return {{"peer", node}}; }

}  // namespace

ElectionMetrics::ElectionMetrics(MetricsRegistry& registry)
    : taken_(registry.counters("lvs_agent_vips_taken_total",
                               "VIPs that came to this node, by the reason")),
      released_(registry.counters("lvs_agent_vips_released_total",
                                  "VIPs that left this node, by the reason")),
      sent_(registry
                .counters("lvs_agent_heartbeat_datagrams_sent_total",
                          "Datagrams sent to the other directors")
                .with()),
      received_(registry
                    .counters("lvs_agent_heartbeats_received_total",
                              "Heartbeats of other directors that were believed")
                    .with()),
      troubles_(registry.counters("lvs_agent_heartbeat_troubles_total",
                                  "Datagrams that were not believed or not sent, by the trouble")),
      alive_(registry.gauges("lvs_agent_director_heard",
                             "1 where the other director's heartbeats arrive")),
      round_trip_(registry.gauges("lvs_agent_heartbeat_round_trip_seconds",
                                  "The last round trip to the other director, in full ms")),
      received_from_(registry.counters("lvs_agent_director_heartbeats_received_total",
                                       "Heartbeats of the other director that counted")),
      lost_from_(registry.counters("lvs_agent_director_heartbeats_lost_total",
                                   "Gaps in the other director's sequence of heartbeats")) {
  // From 0 on, so that the first move is seen to be one.
  for (int i = 0; i <= static_cast<int>(kLastMoveReason); ++i) {
    taken_.with({{"reason", to_string(static_cast<MoveReason>(i))}});
  }
  for (const ElectionNews news : kReleasedBy) released_.with({{"reason", to_string(news)}});
}

void ElectionMetrics::moves(const ElectionReport::Moves& moves) {
  for (const auto& [reason, total] : moves.taken) {
    raise_to(taken_.with({{"reason", reason}}), total);
  }
  for (const auto& [reason, total] : moves.released) {
    raise_to(released_.with({{"reason", reason}}), total);
  }
}

void ElectionMetrics::heartbeats(const HeartbeatStats& stats) {
  raise_to(sent_, stats.sent);
  raise_to(received_, stats.received);
  for (std::size_t i = 0; i < kHeartbeatTroubles; ++i) {
    const auto trouble = static_cast<HeartbeatTrouble>(i);
    raise_to(troubles_.with({{"trouble", to_string(trouble)}}), stats.of(trouble));
  }
}

void ElectionMetrics::directors(const std::vector<DirectorView>& directors) {
  std::vector<std::string> present;
  for (const DirectorView& director : directors) {
    const MetricLabels label = peer_label(director.node);
    alive_.with(label).set(director.alive ? 1 : 0);
    round_trip_.with(label).set(std::chrono::duration<double>(director.round_trip).count());
    raise_to(received_from_.with(label), director.received);
    raise_to(lost_from_.with(label), director.missed);
    present.push_back(director.node);
  }
  for (const std::string& node : known_) {
    if (std::find(present.begin(), present.end(), node) == present.end()) forget(node);
  }
  known_ = std::move(present);
}

void ElectionMetrics::forget(const std::string& node) {
  const MetricLabels label = peer_label(node);
  alive_.remove(label);
  round_trip_.remove(label);
  received_from_.remove(label);
  lost_from_.remove(label);
}

}  // namespace lvs
