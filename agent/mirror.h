// What the agent believes the kernel's IPVS table to be: read at start and at every reconciliation,
// and kept up to date by the operations that the kernel accepted. So a small change needs no dump.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "core/observed.h"
#include "core/operation.h"
#include "core/plan.h"

namespace lvs {

class Mirror {
 public:
  struct Entry {
    ObservedService service;
    // False: only the service itself was read, or a doubt came up since.
    bool destinations_known = false;
  };

  // A fresh list of all services, without destinations. Destinations that are known stay known.
  // Answers the services that appeared, vanished or changed against what was believed.
  std::set<ServiceKey> replace_services(std::vector<ObservedService> services);
  void replace_destinations(const ServiceKey& key, std::vector<ObservedDestination> destinations);
  // An operation that the kernel accepted; network operations are none of ours.
  void apply(const Operation& operation);
  // Destinations to come: their memory is taken once.
  void reserve(const ServiceKey& key, std::size_t destinations);
  // What is believed of this service may be wrong.
  void doubt(const ServiceKey& key);

  [[nodiscard]] const Entry* find(const ServiceKey& key) const;
  [[nodiscard]] std::vector<ServiceKey> owned() const;
  [[nodiscard]] std::size_t owned_count() const;
  // One with a scheduler: without one the kernel refuses every client.
  [[nodiscard]] bool has_service_of(const IpAddress& vip) const;
  // The destinations of a service that are drained by wish and had connections when they were read.
  [[nodiscard]] std::vector<ObservedDestination> draining(const ServiceKey& key,
                                                          const PlannedService& planned) const;
  // Of all services, as far as they were read.
  [[nodiscard]] std::size_t destination_count() const;

 private:
  void run(const NewService& o);
  void run(const SetService& o);
  void run(const DeleteService& o);
  void run(const NewDestination& o);
  void run(const SetDestination& o);
  void run(const DeleteDestination& o);
  template <typename Other>
  void run(const Other& /*other*/) {}
  Entry* find_to_change(const ServiceKey& key);

  std::map<ServiceKey, Entry> entries_;
  Entry* last_changed_ = nullptr;  // operations come in runs for one service
};

// Destinations are searched by key in many places; `sorted` is sorted by it.
[[nodiscard]] std::vector<ObservedDestination>::iterator lower_bound_by_key(
    std::vector<ObservedDestination>& sorted, const DestinationKey& key);

// The first key of the services of an address, for range look-ups in maps by ServiceKey.
[[nodiscard]] ServiceKey first_key_of(const IpAddress& address);

}  // namespace lvs
