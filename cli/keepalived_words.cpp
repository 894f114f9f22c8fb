#include "cli/keepalived_words.h"

#include <algorithm>
#include <array>

namespace lvs::cli {
namespace {

using enum ImportFate;

constexpr std::string_view kHeartbeats =
    "directors hear each other by authenticated heartbeats and elect the holder of each VIP";
constexpr std::string_view kAlerts = "alerts come from Prometheus metrics";
constexpr std::string_view kScripts = "no scripts are run";
constexpr std::string_view kOwnCheck = "the check does without it";

constexpr std::array kTopWords{
    KeepalivedWord{"global_defs", kReplaced, "settings of keepalived itself"},
    KeepalivedWord{"vrrp_sync_group", kReplaced,
                   "each VIP is elected for itself; spec.directors.preferred brings them together"},
    KeepalivedWord{"vrrp_script", kDropped, kScripts},
    KeepalivedWord{"vrrp_track_process", kDropped, "processes are not watched"},
    KeepalivedWord{
        "static_*", kDropped,
        "addresses, routes and rules of the machine stay with its network configuration"},
    KeepalivedWord{"net_namespace*", kDropped, "start lvs-agent in that network namespace"},
    KeepalivedWord{"bfd_instance", kDropped, kHeartbeats},
};

constexpr std::array kGlobalWords{
    KeepalivedWord{"notification_email*", kDropped, kAlerts},
    KeepalivedWord{"smtp_*", kDropped, kAlerts},
    KeepalivedWord{"router_id", kReplaced,
                   "a director is known by its node name (lvs-agent --node)"},
    KeepalivedWord{"lvs_sync_daemon*", kReplaced, "the directors' agents run the sync daemons"},
    KeepalivedWord{"lvs_flush*", kReplaced, "the kernel goes on serving when an agent ends"},
    KeepalivedWord{"vrrp_*", kReplaced, kHeartbeats},
    KeepalivedWord{"script_user", kDropped, kScripts},
    KeepalivedWord{"enable_script_security", kDropped, kScripts},
};

constexpr std::array kVrrpWords{
    KeepalivedWord{"state", kReplaced,
                   "the order of spec.directors.preferred, then the node's name"},
    KeepalivedWord{"priority", kReplaced,
                   "the order of spec.directors.preferred, then the node's name"},
    KeepalivedWord{"nopreempt", kReplaced,
                   "a VIP stays where it is unless spec.directors.preemptAfter is set"},
    KeepalivedWord{"virtual_router_id", kReplaced, kHeartbeats},
    KeepalivedWord{"advert_int", kReplaced, kHeartbeats},
    KeepalivedWord{"authentication", kReplaced,
                   "heartbeats are authenticated by lvs-agent --heartbeat-key-file"},
    KeepalivedWord{"unicast_*", kReplaced, kHeartbeats},
    KeepalivedWord{"mcast_src_ip", kReplaced, kHeartbeats},
    KeepalivedWord{"garp_*", kReplaced,
                   "a VIP is announced in a burst and again from time to time"},
    KeepalivedWord{"version", kReplaced, kHeartbeats},
    KeepalivedWord{"accept", kReplaced, "a VIP is an address of the director like any other"},
    KeepalivedWord{"native_ipv6", kReplaced, kHeartbeats},
    KeepalivedWord{
        "use_vmac*", kDropped,
        "VIPs keep the hardware address of the interface; neighbours are told when one moves"},
    KeepalivedWord{"track_interface", kReplaced, "a director whose link is down lets its VIPs go"},
    KeepalivedWord{"track_*", kDropped, kScripts},
    KeepalivedWord{"notify*", kDropped, kScripts},
    KeepalivedWord{"smtp_alert", kDropped, kAlerts},
    KeepalivedWord{"lvs_sync_daemon_interface", kReplaced,
                   "start lvs-agent with --sync-interface if it is not that of the VIPs"},
    KeepalivedWord{"virtual_routes", kDropped, "routes do not move with a VIP"},
    KeepalivedWord{"virtual_rules", kDropped, "routing rules do not move with a VIP"},
    KeepalivedWord{"debug", kReplaced, "lvs-agent --log-level"},
};

constexpr std::array kServerWords{
    KeepalivedWord{"inhibit_on_failure", kReplaced,
                   "a server that fails gets weight 0 and keeps its connections; onFailure: Remove "
                   "takes it out"},
    KeepalivedWord{
        "alpha", kReplaced,
        "a new server gets weight with its first success, an unknown one keeps what it has"},
    KeepalivedWord{"omega", kDropped, kScripts},
    KeepalivedWord{"quorum", kDropped, "spec.failOpenPercent keeps a pool that looks mostly dead"},
    KeepalivedWord{"hysteresis", kDropped,
                   "spec.failOpenPercent keeps a pool that looks mostly dead"},
    KeepalivedWord{"quorum_*", kDropped, kScripts},
    KeepalivedWord{"notify_*", kDropped, kScripts},
    KeepalivedWord{"smtp_alert", kDropped, kAlerts},
    KeepalivedWord{"ha_suspend", kReplaced,
                   "standbys check as well, so that they know when they take over"},
    KeepalivedWord{"ip_family", kReplaced, "the family of the address"},
    KeepalivedWord{"sorry_server_inhibit", kReplaced, "see sorry_server"},
    KeepalivedWord{"persistence_engine", kDropped, "the kernel's SIP persistence is not offered"},
    KeepalivedWord{"warmup", kReplaced, "checks are spread over their interval by themselves"},
    KeepalivedWord{"lvs_method", kDropped,
                   "all servers of a VirtualService are forwarded to in the same way"},
    KeepalivedWord{"snmp_name", kDropped, kAlerts},
};

constexpr std::array kCheckWords{
    KeepalivedWord{"delay_before_retry", kReplaced, "the next check comes after the interval"},
    KeepalivedWord{"warmup", kReplaced, "checks are spread over their interval by themselves"},
    KeepalivedWord{"digest", kDropped, "http.bodyContains looks for a plain text"},
    KeepalivedWord{"connect_ip", kDropped, "the server is asked on its own address"},
    KeepalivedWord{"bind*", kDropped, "the director's own address asks"},
    KeepalivedWord{"log_all_failures", kReplaced,
                   "each change of state is logged once; metrics count every probe"},
    KeepalivedWord{"http_protocol", kReplaced, "HTTP/1.1"},
    KeepalivedWord{"enable_sni", kReplaced, "a name that is known is asked for by SNI"},
    KeepalivedWord{"regex*", kDropped, "http.bodyContains looks for a plain text"},
    KeepalivedWord{"alpha", kReplaced, "a new server gets weight with its first success"},
    KeepalivedWord{"misc_*", kDropped, kScripts},
    KeepalivedWord{"require_reply", kDropped, "udp.expectReply has no wildcards"},
    KeepalivedWord{"m*_reply_length", kDropped, "udp.expectReply says how the reply begins"},
};

bool matches(std::string_view pattern, std::string_view name) {
  if (!pattern.ends_with('*')) return pattern == name;
  return name.starts_with(pattern.substr(0, pattern.size() - 1));
}

std::span<const KeepalivedWord> words_of(KeepalivedBlock block) {
  switch (block) {
    case KeepalivedBlock::kTop:
      return kTopWords;
    case KeepalivedBlock::kGlobal:
      return kGlobalWords;
    case KeepalivedBlock::kVrrpInstance:
      return kVrrpWords;
    case KeepalivedBlock::kVirtualServer:
    case KeepalivedBlock::kRealServer:
      return kServerWords;
    case KeepalivedBlock::kCheck:
      break;
  }
  return kCheckWords;
}

}  // namespace

KeepalivedWord explain_word(KeepalivedBlock block, std::string_view name) {
  const auto words = words_of(block);
  const auto found = std::find_if(words.begin(), words.end(),
                                  [&](const auto& each) { return matches(each.name, name); });
  if (found != words.end()) return *found;
  return {name, kDropped, block == KeepalivedBlock::kCheck ? kOwnCheck : "has no counterpart"};
}

}  // namespace lvs::cli
