// The kernel as this agent uses it: two verbs, read and apply. One real implementation
// (agent/kernel/linux_kernel.h), one fake (tests/support/fake_kernel.h); both pass the same
// contract suite (tests/contract).
//
// Threads: one caller at a time (the agent loop). Effects are in the network namespace of the
// thread that made the object.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "base/result.h"
#include "core/observed.h"
#include "core/operation.h"
#include "core/probe_path.h"

namespace lvs {

// An operation that the kernel refused.
struct OperationFailure {
  std::size_t index = 0;  // into the operations that were given
  int error_number = 0;   // errno
  Error error;            // names the object, the errno and what to do
};

struct ApplyReport {
  // Only the refused ones; a failure does not stop the operations after it.
  std::vector<OperationFailure> failures;
  // Why clients may have been refused while a scheduler was changed, or reset when a VIP was taken
  // over: what keeps that back (ADR 6, ADR 10) is not to be had. It was done nevertheless.
  std::optional<Error> clients_refused;
  // Replies were lost (ENOBUFS, a cut socket): what was applied is not known, read again.
  bool in_doubt = false;
};

class Kernel {
 public:
  virtual ~Kernel() = default;

  // Every virtual service without its destinations, foreign ones too, sorted by key; not those of
  // kDeliveryMark, which belong to ObservedNetwork::local_delivery, and not those of probes.
  virtual Result<std::vector<ObservedService>> dump_services() = 0;
  // The destinations of one service, sorted by key; empty also when there is no such service (the
  // kernel does not tell these apart).
  virtual Result<std::vector<ObservedDestination>> dump_destinations(const ServiceKey& service) = 0;
  virtual Result<ObservedNetwork> dump_network() = 0;
  // Those of `addresses` that the routes of the main rules lead to through a gateway, or nowhere.
  virtual Result<std::set<IpAddress>> off_link(const std::set<IpAddress>& addresses) = 0;
  // What the paths of probes need of it, whosever it is. Reads every service.
  virtual Result<ObservedPaths> dump_paths() = 0;
  // The sync daemons and settings of IPVS; empty where it is not loaded.
  virtual Result<ObservedSync> dump_sync() = 0;

  // In the order given; batched underneath. Deleting what is not there and adding an address that
  // is there already as wanted are not failures of the caller's intent but are reported (ENOENT,
  // ESRCH, EEXIST): the caller then knows that its picture was stale.
  virtual ApplyReport apply(std::span<const Operation> operations) = 0;

  // Tells the other directors' kernels the youngest connections of VIPs that left this node, in the
  // name of the master daemon. Does not wait; what fails is logged.
  virtual void tell_connections(const std::set<IpAddress>& vips, const SyncDaemon& master) = 0;
};

}  // namespace lvs
