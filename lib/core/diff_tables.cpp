#include <algorithm>

#include "core/diff.h"

namespace lvs {
namespace {

const ObservedService* find(const std::vector<ObservedService>& sorted, const ServiceKey& key) {
  const auto at =
      std::lower_bound(sorted.begin(), sorted.end(), key,
                       [](const ObservedService& s, const auto& k) { return s.key < k; });
  return at != sorted.end() && at->key == key ? &*at : nullptr;
}

}  // namespace

ChangeSet diff_tables(const TableFacts& facts, DrainLedger drains, TimePoint now) {
  ChangeSet all;
  const auto append = [&](ChangeSet part) {
    std::move(part.begin(), part.end(), std::back_inserter(all));
  };
  for (const auto& [key, planned] : facts.plan.services) {
    const auto pool = facts.health.find(key);
    const DesiredService wanted = realise_service(
        key, *planned, facts.off_link,
        pool == facts.health.end() ? PoolVerdict{} : judge_pool(*planned, pool->second));
    append(diff_service(&wanted, find(facts.observed, key), drains, now));
  }
  for (const ObservedService& service : facts.observed) {
    if (facts.plan.services.contains(service.key) || facts.held.contains(service.key)) continue;
    append(diff_service(nullptr, &service, drains, now));
  }
  return all;
}

}  // namespace lvs
