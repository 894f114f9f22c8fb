#include <algorithm>

#include "core/diff.h"

namespace lvs {
namespace {

int effective_prefix(const ServiceConfig& config, Family family) {
  return config.persistence_prefix == 0 ? address_bits(family) : config.persistence_prefix;
}

// The kernel reports a full prefix for services that are not persistent and sets kFlagPersistent by
// itself: neither is a difference.
bool same_service(const ServiceConfig& a, const ServiceConfig& b, Family family) {
  const std::uint32_t mask = ~(kFlagPersistent | kFlagHashed);
  if (a.scheduler != b.scheduler || (a.flags & mask) != (b.flags & mask)) return false;
  if (a.persistence_seconds != b.persistence_seconds) return false;
  return a.persistence_seconds == 0 || effective_prefix(a, family) == effective_prefix(b, family);
}

DestinationConfig with_weight(DestinationConfig config, std::uint32_t weight) {
  config.weight = weight;
  return config;
}

bool may_be_added(const DesiredDestination& wanted) {
  return wanted.want == Want::kConfigured || wanted.want == Want::kKeepWeight;
}

NewDestination addition(const ServiceKey& service, const DesiredDestination& wanted) {
  const std::uint32_t weight = wanted.want == Want::kKeepWeight ? 0 : wanted.config.weight;
  return {service, wanted.key, with_weight(wanted.config, weight)};
}

ChangeSet create(const DesiredService& desired) {
  ChangeSet changes;
  changes.reserve(desired.destinations.size() + 2);
  const bool bind_late = desired.destinations.size() > 1 && !desired.config.scheduler.empty();
  ServiceConfig first = desired.config;
  if (bind_late) first.scheduler.clear();
  changes.push_back(NewService{desired.key, std::move(first)});
  for (const DesiredDestination& wanted : desired.destinations) {
    if (may_be_added(wanted)) changes.push_back(addition(desired.key, wanted));
  }
  if (bind_late) changes.push_back(SetService{desired.key, desired.config});
  return changes;
}

// One pass over the two sorted lists of destinations.
class Merge {
 public:
  Merge(const DesiredService& desired, const ObservedService& observed, DrainLedger& drains,
        TimePoint now)
      : desired_(desired), observed_(observed), drains_(drains), now_(now) {}

  ChangeSet run() {
    forget_finished_drains();
    auto present = observed_.destinations.begin();
    const auto end = observed_.destinations.end();
    for (const DesiredDestination& wanted : desired_.destinations) {
      for (; present != end && present->key < wanted.key; ++present) leave(*present);
      if (present != end && present->key == wanted.key) {
        keep(wanted, *present++);
      } else if (may_be_added(wanted)) {
        added_.push_back(addition(desired_.key, wanted));
      }
    }
    for (; present != end; ++present) leave(*present);
    return join();
  }

 private:
  void forget_finished_drains() {
    if (drains_.empty()) return;
    for (const DestinationKey& key : drains_.destinations(desired_.key)) {
      if (holds(desired_.destinations, key) || !holds(observed_.destinations, key)) {
        drains_.forget(desired_.key, key);
      }
    }
  }

  template <typename Destinations>
  static bool holds(const Destinations& sorted, const DestinationKey& key) {
    const auto at = std::lower_bound(sorted.begin(), sorted.end(), key,
                                     [](const auto& d, const auto& k) { return d.key < k; });
    return at != sorted.end() && at->key == key;
  }

  void keep(const DesiredDestination& wanted, const ObservedDestination& present) {
    if (wanted.want == Want::kUndecided) return;
    if (wanted.want == Want::kCut) {
      deleted_.push_back(DeleteDestination{desired_.key, present.key});
      return;
    }
    const bool kept = wanted.want == Want::kKeepWeight;
    const std::uint32_t weight = kept ? present.config.weight : wanted.config.weight;
    const DestinationConfig config = with_weight(wanted.config, weight);
    if (config != present.config) {
      changed_.push_back(SetDestination{desired_.key, wanted.key, config});
    }
  }

  void leave(const ObservedDestination& present) {
    if (drains_.is_over(desired_.key, present, desired_.drain_timeout, now_)) {
      deleted_.push_back(DeleteDestination{desired_.key, present.key});
    } else if (present.config.weight != 0) {
      changed_.push_back(SetDestination{desired_.key, present.key, with_weight(present.config, 0)});
    }
  }

  bool replaces_scheduler() const {
    return !observed_.config.scheduler.empty() &&
           observed_.config.scheduler != desired_.config.scheduler;
  }

  ChangeSet join() {
    ChangeSet all = std::move(added_);
    all.insert(all.end(), changed_.begin(), changed_.end());
    if (!observed_.owned ||
        !same_service(desired_.config, observed_.config, desired_.key.family())) {
      all.push_back(SetService{desired_.key, desired_.config, replaces_scheduler()});
    }
    all.insert(all.end(), deleted_.begin(), deleted_.end());
    return all;
  }

  const DesiredService& desired_;
  const ObservedService& observed_;
  DrainLedger& drains_;
  TimePoint now_;
  ChangeSet added_, changed_, deleted_;
};

}  // namespace

ChangeSet diff_service(const DesiredService* desired, const ObservedService* observed,
                       DrainLedger& drains, TimePoint now) {
  if (desired == nullptr) {
    if (observed == nullptr || !observed->owned) return {};
    drains.forget(observed->key);
    return {DeleteService{observed->key}};
  }
  if (observed == nullptr) {
    drains.forget(desired->key);
    return create(*desired);
  }
  if (desired->paused) return {};
  return Merge(*desired, *observed, drains, now).run();
}

}  // namespace lvs
