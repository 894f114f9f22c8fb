// Which VIPs go into the next heartbeat: what changed, several times because datagrams get lost;
// then, as far as there is room, the others in turn.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <vector>

#include "base/ip_address.h"

namespace lvs {

class HeartbeatPages {
 public:
  void add(const IpAddress& vip);
  void remove(const IpAddress& vip);
  void mark_changed(const IpAddress& vip) { repeats_[vip] = kRepeats; }
  void mark_all_changed();
  // There is news that was not told yet.
  [[nodiscard]] bool has_news() const { return news_; }
  void mark_news() { news_ = true; }
  // At least one page, of at most `page_size` VIPs each; more only as news needs it, and at most
  // `most`: what is left is news still.
  [[nodiscard]] std::vector<std::vector<IpAddress>> next(std::size_t page_size, std::size_t most);

 private:
  friend class Fingerprint;
  static constexpr int kRepeats = 3;
  void fill(std::vector<IpAddress>& page, std::size_t page_size);

  std::set<IpAddress> vips_;
  std::map<IpAddress, int> repeats_;
  IpAddress cursor_;       // the last one that had its turn
  IpAddress news_cursor_;  // likewise, of what changed
  bool news_ = false;
};

}  // namespace lvs
