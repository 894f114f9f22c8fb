#include <algorithm>

#include "core/realise.h"

namespace lvs {
namespace {

constexpr const char* kSyncObject = "connection sync";

// Their choice depends on client and pool only, so every director makes the same one.
bool chooses_by_client(const ServiceConfig& config) {
  return config.scheduler == "mh" || config.scheduler == "sh";
}

bool is_persistent(const ServiceConfig& config) { return config.persistence_seconds != 0; }

bool has_mixed_families(const ServiceKey& key, const PlannedService& service) {
  return std::any_of(service.destinations.begin(), service.destinations.end(),
                     [&](const PlannedDestination& destination) {
                       return destination.key.address.family() != key.family();
                     });
}

class SyncRealisation {
 public:
  SyncRealisation(const NodePlan& plan, const SyncOptions& options, const ObservedNetwork& network)
      : plan_(plan), options_(options), network_(network) {}

  RealisedSync run(const ObservedSync& observed, const std::vector<SyncDaemon>& started) && {
    look_at_services();
    if (is_wanted()) {
      want_daemons();
      leave_to_others(observed, started);
    }
    return std::move(result_);
  }

 private:
  void look_at_services() {
    for (const auto& [key, service] : plan_.services) {
      const bool tcp = key.firewall_mark != 0 || key.protocol == Protocol::kTcp;
      if (tcp && chooses_by_client(service->header.config)) {
        result_.desired.settings[kSloppyTcp] = "1";
      }
      // ADR 12: what is known of a client does not hold it on a server that is out or gone.
      result_.desired.settings[kExpireNodestConn] = "1";
      if (is_persistent(service->header.config)) {
        result_.desired.settings[kExpireQuiescentTemplate] = "1";
      }
      if (mixed_.empty() && has_mixed_families(key, *service)) mixed_ = lvs::to_string(key);
    }
  }

  bool is_wanted() {
    const bool shared = std::any_of(plan_.vips.begin(), plan_.vips.end(), [&](const auto& entry) {
      return is_shared(plan_, entry.second);
    });
    if (!shared || !options_.on) return false;
    if (mixed_.empty()) return true;
    problem("MixedAddressFamilies",
            mixed_ +
                " has real servers of the other address family, and the kernel runs no sync "
                "daemon beside such tunnels: connections break when a VIP moves; give the "
                "real servers addresses of the VIP's family, or use scheduler mh and start "
                "the directors' agents with --sync=off");
    return false;
  }

  std::string interface() const {
    if (!options_.interface.empty()) return options_.interface;
    for (const auto& [address, vip] : plan_.vips) {
      if (!is_shared(plan_, vip)) continue;
      std::string found = vip.interface.empty() ? interface_for(address, network_) : vip.interface;
      if (find_link(network_, found) != nullptr) return found;
    }
    return {};
  }

  void want_daemons() {
    const std::string on = interface();
    if (find_link(network_, on) == nullptr) {
      problem("NoSyncInterface",
              on.empty() ? "no interface of this node is on the network of a VIP; start the agent "
                           "with --sync-interface"
                         : "interface " + on + " of --sync-interface does not exist on this node");
      return;
    }
    DesiredSync& desired = result_.desired;
    for (const SyncRole role : {SyncRole::kMaster, SyncRole::kBackup}) {
      desired.daemons.push_back({role, on, options_.id, options_.group, options_.port});
    }
    // Told at the first packet of an established connection, again every 10 s and when the state
    // changes, and each time twice: multicast gets lost.
    desired.settings[kSyncThreshold] = "1 0";
    desired.settings[kSyncRefreshPeriod] = "10";
    desired.settings[kSyncRetries] = "1";
    desired.settings[kSyncPorts] = std::to_string(options_.ports);
    // With a backup daemon 1 would switch balancing off, on the holder, too (ip_vs_in_hook).
    desired.settings[kBackupOnly] = "0";
  }

  void leave_to_others(const ObservedSync& observed, const std::vector<SyncDaemon>& started) {
    auto& wanted = result_.desired.daemons;
    for (const SyncDaemon& present : observed.daemons) {
      const bool ours = std::find(started.begin(), started.end(), present) != started.end();
      const bool as_wanted = std::find(wanted.begin(), wanted.end(), present) != wanted.end();
      if (ours || as_wanted) continue;
      problem("ForeignSyncDaemon",
              "a " + to_string(present.role) + " sync daemon runs on " + present.interface +
                  " with id " + std::to_string(present.id) + " that lvs-agent has not started; " +
                  "stop it (ipvsadm --stop-daemon " + to_string(present.role) +
                  ") if lvs-agent shall run its own, or start the agent with --sync=off");
      std::erase_if(wanted, [&](const SyncDaemon& each) { return each.role == present.role; });
    }
  }

  void problem(std::string reason, std::string message) {
    result_.problems.push_back({kSyncObject, std::move(reason), std::move(message)});
  }

  const NodePlan& plan_;
  const SyncOptions& options_;
  const ObservedNetwork& network_;
  std::string mixed_;
  RealisedSync result_;
};

}  // namespace

bool concerns_sync(const ServiceKey& key, const PlannedService& service) {
  const ServiceConfig& config = service.header.config;
  return chooses_by_client(config) || is_persistent(config) || has_mixed_families(key, service);
}

bool touches_sync(const NodePlan& plan, const std::set<ServiceKey>& services) {
  return std::any_of(services.begin(), services.end(), [&](const ServiceKey& key) {
    const auto at = plan.services.find(key);
    return at != plan.services.end() && concerns_sync(key, *at->second);
  });
}

RealisedSync realise_sync(const NodePlan& plan, const SyncOptions& options,
                          const ObservedNetwork& network, const ObservedSync& observed,
                          const std::vector<SyncDaemon>& started) {
  return SyncRealisation(plan, options, network).run(observed, started);
}

}  // namespace lvs
