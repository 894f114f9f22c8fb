// From what is to what should be: the shortest list of operations, in an order that is safe to stop
// after any of them.
//
//   new service:      NewService (unbound when it has several destinations), NewDestination...,
//                     SetService (bind): the pool becomes visible whole
//   changed service:  NewDestination..., SetDestination..., SetService
//   destination gone: SetDestination weight 0, and DeleteDestination when its drain is over
//   service gone:     DeleteService
//   network, always:  SetLocalDelivery first, when it differs
//   network, coming:  SetArp before the address on lo; IPVS services stand before the VIP (caller)
//   network, going:   DeleteAddress before SetArp puts the old values back
//   sync:             StopSyncDaemon..., SetIpvsSetting..., StartSyncDaemon...
//
// An attribute is never changed by delete and add: a deleted destination stays in the kernel's
// trash for 120 s and slows every later add (ip_vs_trash_get_dest, kernel 6.1).
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/desired.h"
#include "core/drain.h"
#include "core/observed.h"
#include "core/operation.h"
#include "core/realise.h"

namespace lvs {

// `observed` null: the kernel has no such service. `desired` null: it is ours and not wanted any
// more. Both null: nothing. `drains` and `now` decide when what is gone from the plan is deleted.
[[nodiscard]] ChangeSet diff_service(const DesiredService* desired, const ObservedService* observed,
                                     DrainLedger& drains, TimePoint now);

// The same for whole tables. `observed` is sorted by key; services that are not ours, or in `held`,
// stay.
struct TableFacts {
  const NodePlan& plan;
  const std::vector<ObservedService>& observed;
  const OffLinkServers& off_link;
  const std::map<ServiceKey, PoolHealth>& health;  // of the services that are checked
  const std::set<ServiceKey>& held;
};
[[nodiscard]] ChangeSet diff_tables(const TableFacts& facts, DrainLedger drains, TimePoint now);

// ARP values as they were before we touched an interface, by interface name.
struct SavedArp {
  int ignore = 0;
  int announce = 0;
  bool operator==(const SavedArp&) const = default;
};
using SavedArpValues = std::map<std::string, SavedArp>;

struct NetworkChange {
  ChangeSet operations;
  // What to remember afterwards (and to store before the operations are applied).
  SavedArpValues saved;
};
[[nodiscard]] NetworkChange diff_network(const DesiredNetwork& desired,
                                         const ObservedNetwork& observed,
                                         const SavedArpValues& saved);

// What connection sync was like before us, and what of it is ours.
struct SavedSetting {
  std::string before;
  std::string ours;
  bool operator==(const SavedSetting&) const = default;
};
struct SavedSync {
  std::map<std::string, SavedSetting> settings;  // that we have changed, by name
  std::vector<SyncDaemon> started;               // by us; sorted
  bool operator==(const SavedSync&) const = default;
};

struct SyncChange {
  ChangeSet operations;
  SavedSync saved;  // to be stored before the operations are applied
};
// Daemons that are not among `saved.started` are somebody else's and run on; a role that is taken
// by one must not be desired (realise_sync() sees to that). Where the number of threads changes,
// ours are started anew: the kernel looks at sync_ports only then.
[[nodiscard]] SyncChange diff_sync(const DesiredSync& desired, const ObservedSync& observed,
                                   const SavedSync& saved);

// The kernel takes the maximum of conf/all and conf/<interface>.
[[nodiscard]] bool arp_is_silent(const ObservedArp& arp);

}  // namespace lvs
