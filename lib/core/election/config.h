// The times and counts of the election. The defaults are what is measured and documented.
#pragma once

#include <cstddef>

#include "base/clock.h"

namespace lvs {

struct ElectionConfig {
  // Directors tell each other that they are alive this often; so many missed in a row make one
  // suspect.
  Duration heartbeat{50};
  int suspect_after = 3;
  // A change is told at once, but not more often than this.
  Duration heartbeat_spacing{10};
  // VIPs in one heartbeat. What changed goes first, the others take turns.
  std::size_t vips_per_heartbeat = 64;
  // So many heartbeats at once, if many VIPs changed.
  std::size_t heartbeats_at_once = 4;

  // The wire is asked who has the VIP; so many questions without an answer mean nobody. After an
  // answer it is asked at leisure.
  Duration ask_interval{20};
  int silent_asks = 3;
  // Whoever answered once lives, and is only not heard: it takes more to believe it dead.
  int silent_asks_after_answer = 6;
  Duration vetoed_ask_interval{50};

  // False: there is no API server (directory mode); order and terms decide.
  bool leases = true;
  // An API server that is silent for so long has no vote.
  Duration api_vote{150};
  // Somebody else's claim was granted: so long is his to take the VIP.
  Duration grant_grace{300};
  // How often a Lease that does not say the truth is looked at again.
  Duration lease_retry{2'000};
  Duration director_lease{2'000};

  // A candidate waits so long for each one that goes before it. More than vetoed_ask_interval plus
  // the time to put an address on: else two find the wire silent before the first one answers.
  Duration patience{100};

  // A VIP is put on the interface for this long and refreshed at a third. Near the end it may not
  // be put back: the margin covers the time between a decision and the kernel's clock.
  Duration lifetime{10'000};
  Duration lifetime_margin{1'000};
  // A decision to put the address on is good for so long; the kernel has to confirm it in twice
  // that.
  Duration put_within{200};

  Duration announce_interval{100};
  int announce_burst = 5;
  Duration announce_refresh{30'000};
  // Between two answers to a stranger who claims the VIP.
  Duration defend_interval{1'000};
  // Two directors seen with the VIP, of which one is not heard: so long until rank decides.
  Duration rival_patience{1'000};

  // Connections are known after one refresh period of the sync daemon.
  Duration warm_up{10'000};
  // A VIP that left the plan is offered for so long before it is taken off.
  Duration retire_after{1'000};
  // A commanded move that nobody can take is given up.
  Duration move_timeout{10'000};

  // Silence of this length makes a director suspect.
  [[nodiscard]] Duration silence() const { return heartbeat * suspect_after; }
  [[nodiscard]] Duration refresh() const { return lifetime / 3; }
};

}  // namespace lvs
