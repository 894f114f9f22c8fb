// Where the VIPs of this node, and the other directors' own addresses, are among its links; and
// which of them are watched on the wire. Pure but for the ports.
//
// Threads: the agent loop only.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/election_ports.h"
#include "core/observed.h"

namespace lvs {

struct DirectorVip {
  std::string interface;
  std::optional<VipPlace> on;  // nothing: there is no such interface
  bool alone = false;          // this node is the only candidate

  bool operator==(const DirectorVip&) const = default;
  [[nodiscard]] bool reached() const { return on && on->link.up && on->link.carrier; }
};

class VipPlaces {
 public:
  explicit VipPlaces(std::string node) : node_(std::move(node)) {}

  void set_peers(const std::map<std::string, PlannedDirector>& peers);
  // With the candidates among which the holder is elected.
  void look(const std::map<IpAddress, PlannedVip>& vips, const ObservedNetwork& observed);
  // VIPs of which this node is the only candidate need not be watched. After look().
  void watch_wire(const ObservedNetwork& observed, ElectionPorts& ports);

  // Null: not planned.
  [[nodiscard]] const DirectorVip* find(const IpAddress& vip) const;
  // Whose own address it is; null: no other director's.
  [[nodiscard]] const std::string* director_at(const IpAddress& address) const;

 private:
  std::string node_;
  std::map<IpAddress, DirectorVip> vips_;
  std::map<IpAddress, std::string> directors_;
  std::map<IpAddress, VipPlace> watched_;
};

}  // namespace lvs
