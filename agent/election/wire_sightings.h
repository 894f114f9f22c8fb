// Which of the words heard on the wire are news for the election: only about watched VIPs, and each
// machine's word about a VIP at most once in 5 ms, so that a storm does not fill the loop's
// mailbox. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "agent/election/flood_guard.h"
#include "agent/election/neighbour_frames.h"

namespace lvs {

class WireSightings {
 public:
  using Watched = std::set<std::pair<int, IpAddress>>;  // link index, VIP

  // What was heard about those that stay watched is kept.
  void watch(const Watched& watched);
  [[nodiscard]] bool is_news(int link_index, const NeighbourWord& word, TimePoint now);

 private:
  struct Machine {
    NeighbourWord::Kind kind{};
    HardwareAddress from{};
    TimePoint told;   // the last time that it was news
    TimePoint heard;  // the last time at all
  };
  // The machines heard last, and a bucket for new ones: who makes up hardware addresses does not
  // drive out the others, which go on speaking.
  struct Vip {
    std::vector<Machine> machines;
    TokenBucket newcomers{kNewcomers};
  };
  static constexpr std::size_t kMachines = 8;
  static constexpr double kNewcomers = 50;

  std::map<std::pair<int, IpAddress>, Vip> vips_;
};

}  // namespace lvs
