#include "cli/explain_preparation.h"

#include <algorithm>

#include "core/diff.h"

namespace lvs::cli {
namespace {

ServerCheck check_vip(const ClusterIndex& index, const NodeState& state, const std::string& node,
                      const IpAddress& vip) {
  const std::string question = "prepared for " + vip.to_string();
  const auto& all = state.addresses;
  const auto at =
      std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.address == vip; });
  const std::string place = at == all.end() ? "on no interface" : "on " + at->interface;
  const BackendReport* report = index.backend_on(node, vip);
  if (report != nullptr && report->prepared) return {question, true, place, ""};
  if (report != nullptr) {
    // What to do about ARP settings stands with their values.
    const bool arp = report->reason == "WrongArpSetting";
    return {question, false, place + ": " + report->message + " [" + report->reason + "]",
            arp ? "" : report->message + "; if it stays so, see the log of the agent of " + node};
  }
  const VipReport* held = index.vip_on(node, vip);
  if (held != nullptr && held->holder) return {question, true, place + ", as its holder", ""};
  return {question, false, place + "; its agent has no plan for it",
          "is the operator running? `lvsctl status` shows who follows which plan"};
}

ServerCheck check_arp(const std::string& node, const ObservedArp& arp) {
  const auto pair = [](int ignore, int announce) {
    return "arp_ignore " + std::to_string(ignore) + ", arp_announce " + std::to_string(announce);
  };
  ServerCheck check{"silent about it", arp_is_silent(arp),
                    arp.interface + ": " + pair(arp.ignore, arp.announce) +
                        "; all: " + pair(arp.all_ignore, arp.all_announce),
                    ""};
  if (*check.good) return check;
  check.next =
      "on " + node + ": the kernel takes the larger value of `all` and `" + arp.interface +
      "`, and that must be arp_ignore 1 and arp_announce 2: find what sets net.ipv4.conf.all "
      "(/etc/sysctl.d), and set both to 0 there";
  return check;
}

// Of the interface that has the server's address: packets for the VIP arrive there.
void add_arp_checks(const NodeState& state, const ServerChoice& server,
                    std::vector<ServerCheck>& out) {
  for (const auto& address : server.addresses) {
    const auto& all = state.addresses;
    const auto at = std::find_if(all.begin(), all.end(), [&](const auto& each) {
      return each.address == address && !each.owned;
    });
    if (address.family() != Family::kV4 || at == all.end()) continue;
    for (const auto& arp : state.arp) {
      if (arp.interface == at->interface) out.push_back(check_arp(server.node, arp));
    }
  }
}

}  // namespace

std::vector<ServerCheck> check_preparation(const ClusterIndex& index, const ServerChoice& server,
                                           const std::set<IpAddress>& vips) {
  if (server.node.empty()) {
    if (vips.empty()) return {};
    return {{"prepared", std::nullopt, "no agent looks at the machine: there is no spec.nodeName",
             "look at the machine itself: the VIP on lo, arp_ignore 1 and arp_announce 2"}};
  }
  const NodeState* state = index.state_of(server.node);
  if (state == nullptr) {
    return {{"agent of " + server.node, std::nullopt, "does not answer",
             "see `systemctl status lvs-agent` on " + server.node +
                 "; until it answers nobody knows whether it is prepared"}};
  }
  std::vector<ServerCheck> checks{{"agent of " + server.node, true, "answers", ""}};
  for (const auto& vip : vips) checks.push_back(check_vip(index, *state, server.node, vip));
  if (!vips.empty()) add_arp_checks(*state, server, checks);
  return checks;
}

}  // namespace lvs::cli
