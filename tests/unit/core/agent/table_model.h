// The IPVS table as the kernel keeps it, as far as the diff needs it: applies operations one by one
// and answers with the kernel's errno.
#pragma once

#include <cerrno>
#include <map>
#include <span>

#include "core/observed.h"
#include "core/operation.h"

namespace lvs::test {

class TableModel {
 public:
  explicit TableModel(std::vector<ObservedService> start) {
    for (ObservedService& service : start) services_[service.key] = std::move(service);
  }

  int apply(const Operation& operation) {
    return std::visit([this](const auto& o) { return run(o); }, operation);
  }
  // The first refused operation's errno, or 0.
  int apply(std::span<const Operation> operations) {
    for (const Operation& operation : operations) {
      if (const int error = apply(operation); error != 0) return error;
    }
    return 0;
  }

  [[nodiscard]] const ObservedService* find(const ServiceKey& key) const {
    const auto at = services_.find(key);
    return at == services_.end() ? nullptr : &at->second;
  }
  [[nodiscard]] std::vector<ObservedService> table() const {
    std::vector<ObservedService> all;
    for (const auto& [key, service] : services_) all.push_back(service);
    return all;
  }

 private:
  static ServiceConfig as_kernel(ServiceConfig config) {
    if (config.persistence_seconds != 0) config.flags |= kFlagPersistent;
    return config;
  }
  int run(const NewService& o) {
    if (services_.count(o.key) != 0) return EEXIST;
    services_[o.key] = ObservedService{o.key, as_kernel(o.config), true, {}, {}};
    return 0;
  }
  int run(const SetService& o) {
    const auto at = services_.find(o.key);
    if (at == services_.end()) return ESRCH;
    at->second.config = as_kernel(o.config);
    at->second.owned = true;
    return 0;
  }
  int run(const DeleteService& o) { return services_.erase(o.key) == 1 ? 0 : ESRCH; }
  int run(const NewDestination& o) {
    return edit(o.service, o.key, /*exists=*/false, [&](auto& list, auto at) {
      list.insert(at, ObservedDestination{o.key, o.config, {}, {}});
    });
  }
  int run(const SetDestination& o) {
    return edit(o.service, o.key, true, [&](auto&, auto at) { at->config = o.config; });
  }
  int run(const DeleteDestination& o) {
    return edit(o.service, o.key, true, [](auto& list, auto at) { list.erase(at); });
  }
  int run(const AddAddress&) { return EINVAL; }
  int run(const DeleteAddress&) { return EINVAL; }
  int run(const SetArp&) { return EINVAL; }
  int run(const SetAcceptLocal&) { return EINVAL; }
  int run(const SetLocalDelivery&) { return EINVAL; }
  int run(const StartSyncDaemon&) { return EINVAL; }
  int run(const StopSyncDaemon&) { return EINVAL; }
  int run(const SetIpvsSetting&) { return EINVAL; }

  template <typename Edit>
  int edit(const ServiceKey& service, const DestinationKey& key, bool exists, Edit change) {
    const auto found = services_.find(service);
    if (found == services_.end()) return ESRCH;
    auto& list = found->second.destinations;
    auto at = list.begin();
    while (at != list.end() && at->key < key) ++at;
    const bool there = at != list.end() && at->key == key;
    if (there != exists) return there ? EEXIST : ENOENT;
    change(list, at);
    return 0;
  }

  std::map<ServiceKey, ObservedService> services_;
};

}  // namespace lvs::test
