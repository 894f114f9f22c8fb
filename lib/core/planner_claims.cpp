#include "core/planner_claims.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace lvs::planning {
namespace {

using PortKey = std::pair<Protocol, std::uint16_t>;

// What is given away of one VIP.
struct VipLedger {
  std::size_t first = 0;  // the oldest that has it decides on directors and interface
  std::map<PortKey, std::size_t> ports;
};

struct PortConflict {
  std::size_t port;  // index in the loser's spec.ports
  IpAddress vip;
  std::size_t winner;
};

class Resolution {
 public:
  explicit Resolution(const std::vector<const VirtualService*>& services)
      : services_(services), verdicts_(services.size()) {}

  std::vector<ClaimVerdict> run() && {
    for (std::size_t i = 0; i < services_.size(); ++i) {
      refuse_other_directors(i);
      refuse_taken_ports(i);
      if (verdicts_[i].granted) grant(i);
    }
    return std::move(verdicts_);
  }

 private:
  void add(std::size_t index, Severity severity, const char* reason, std::string field,
           std::string message) {
    const ObjectMeta& meta = services_[index]->meta;
    verdicts_[index].diagnostics.push_back({Kind::kVirtualService, meta.key, severity, reason,
                                            std::move(field), std::move(message), meta.origin});
    if (severity == Severity::kError) verdicts_[index].granted = false;
  }

  [[nodiscard]] std::string name(std::size_t index) const {
    return "VirtualService " + to_string(services_[index]->meta.key);
  }

  void refuse_other_directors(std::size_t index) {
    const auto& spec = services_[index]->spec;
    std::set<std::size_t> named;
    for (const auto& vip : spec.vips) {
      const auto ledger = ledgers_.find(vip);
      if (ledger == ledgers_.end() || !named.insert(ledger->second.first).second) continue;
      const auto& decided = services_[ledger->second.first]->spec;
      const bool directors = spec.directors == decided.directors;
      if (directors && spec.interface == decided.interface) continue;
      add(index, Severity::kError, "VIPDirectorsConflict",
          directors ? "spec.interface" : "spec.directors",
          "the older " + name(ledger->second.first) + " has " + vip.to_string() +
              " too, with other directors or another interface; write the same directors and "
              "interface, or another VIP");
    }
  }

  // Port 0 takes what no other service has, so that it meets every port of its protocol.
  [[nodiscard]] static std::set<std::size_t> holders(const VipLedger& ledger,
                                                     const PortSpec& port) {
    std::set<std::size_t> found;
    if (port.port == 0) {
      for (auto at = ledger.ports.lower_bound({port.protocol, 0});
           at != ledger.ports.end() && at->first.first == port.protocol; ++at) {
        found.insert(at->second);
      }
      return found;
    }
    for (const std::uint16_t number : {std::uint16_t{0}, port.port}) {
      const auto holder = ledger.ports.find({port.protocol, number});
      if (holder != ledger.ports.end()) found.insert(holder->second);
    }
    return found;
  }

  void refuse_taken_ports(std::size_t index) {
    const auto& spec = services_[index]->spec;
    std::set<std::pair<std::size_t, std::size_t>> named;  // port and winner: once for both families
    for (const auto& vip : spec.vips) {
      const auto ledger = ledgers_.find(vip);
      if (ledger == ledgers_.end()) continue;
      for (std::size_t port = 0; port < spec.ports.size(); ++port) {
        for (const std::size_t winner : holders(ledger->second, spec.ports[port])) {
          if (named.insert({port, winner}).second) say_taken(index, {port, vip, winner});
        }
      }
    }
  }

  void say_taken(std::size_t loser, const PortConflict& conflict) {
    const PortSpec& port = services_[loser]->spec.ports[conflict.port];
    const std::string what =
        (port.port == 0
             ? "every " + std::string(to_string(port.protocol)) + " port"
             : std::string(to_string(port.protocol)) + " port " + std::to_string(port.port)) +
        " of " + conflict.vip.to_string();
    static constexpr const char* kAdvice =
        "write another VIP or port in one of the two, or delete one of them";
    add(loser, Severity::kError, "VIPPortConflict",
        "spec.ports[" + std::to_string(conflict.port) + "]",
        what + " collides with the older " + name(conflict.winner) + "; " + kAdvice);
    add(conflict.winner, Severity::kWarning, "VIPPortConflict", "spec.ports",
        "the younger " + name(loser) + " wants " + what + " and is not accepted; " + kAdvice);
  }

  void grant(std::size_t index) {
    const auto& spec = services_[index]->spec;
    for (const auto& vip : spec.vips) {
      auto& ledger = ledgers_.try_emplace(vip, VipLedger{index, {}}).first->second;
      for (const auto& port : spec.ports) ledger.ports[{port.protocol, port.port}] = index;
    }
  }

  const std::vector<const VirtualService*>& services_;
  std::vector<ClaimVerdict> verdicts_;
  std::map<IpAddress, VipLedger> ledgers_;
};

}  // namespace

std::vector<ClaimVerdict> resolve_claims(const std::vector<const VirtualService*>& services) {
  return Resolution(services).run();
}

bool same_claims(const VirtualService& a, const VirtualService& b) {
  const auto same_port = [](const PortSpec& left, const PortSpec& right) {
    return left.protocol == right.protocol && left.port == right.port;
  };
  return a.meta.created == b.meta.created && a.meta.origin == b.meta.origin &&
         a.spec.vips == b.spec.vips && a.spec.directors == b.spec.directors &&
         a.spec.interface == b.spec.interface &&
         std::equal(a.spec.ports.begin(), a.spec.ports.end(), b.spec.ports.begin(),
                    b.spec.ports.end(), same_port);
}

}  // namespace lvs::planning
